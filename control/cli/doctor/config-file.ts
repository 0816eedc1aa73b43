// The configuration file of the edge, as `naij-edge --check` would see it, and the files that it names.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { type ParseResult, parseConfig } from '../../../config/parse.js'
import type { EdgeConfig } from '../../../config/settings.js'
import { readText } from '../context.js'
import { about, type Finding } from './finding.js'

export interface ConfigRead {
  readonly file: string
  /** SHA-256 of its text, hexadecimal, as an edge says it in /status. */
  readonly digest: string
  readonly parsed: ParseResult
}

/** Throws a `UsageError` when there is nothing to read. */
export function readConfigFile(file: string): ConfigRead {
  const text = readText(file, "the edge's configuration: say --config")
  const digest = createHash('sha256').update(text).digest('hex')
  return { file, digest, parsed: parseConfig(text) }
}

/** A line for each problem. */
export function judgeConfig({ file, parsed }: Pick<ConfigRead, 'file' | 'parsed'>): Finding[] {
  const why = 'an edge with a bad configuration does not start, and a running one does not reload'
  if (parsed.ok) return [about('config.file', why).ok(file)]
  return parsed.problems.map(({ path, message }) =>
    about(`config.${path || 'file'}`, why).bad(
      `${file}: ${message}`,
      `then naij-edge --config ${file} --check`,
    ),
  )
}

/** What the configuration names besides certificates: setting and path. */
export function filesNamed({ control, sites }: EdgeConfig): [string, string][] {
  const named: [string, string | undefined][] = [
    ['control.tokenFile', control?.tokenFile],
    ['control.caFile', control?.caFile],
    ...sites.flatMap(({ originTls, optimise }, at): [string, string | undefined][] => [
      [`sites[${at}].originTls.caFile`, originTls.caFile],
      [`sites[${at}].optimise.image.secretFile`, optimise.image.secretFile],
    ]),
  ]
  return named.filter((pair): pair is [string, string] => pair[1] !== undefined)
}

/** Those that cannot be read. */
export function judgeFiles(named: readonly (readonly [setting: string, path: string])[]): Finding[] {
  return named.flatMap(([setting, path]) => {
    try {
      readFileSync(path)
      return []
    } catch (error) {
      const say = about(`config.${setting}`, 'without it the edge does not start')
      return [say.bad(`${path}: cannot be read: ${(error as Error).message}`, `the file, or ${setting}`)]
    }
  })
}

/** `base`: what they were taken to be below. */
export function judgePaths(paths: readonly string[], base: string): Finding[] {
  const relative = paths.filter(path => !isAbsolute(path))
  if (relative.length === 0) return []
  const say = about('config.paths', 'an edge that is started elsewhere has another cache and another socket')
  const found = `${relative.join(', ')}: taken to be below ${base}`
  return [say.note(found, 'paths that begin with /')]
}
