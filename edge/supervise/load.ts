// Reads and validates the configuration file, for the start, --check and each reload alike.
import { createHash, X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { formatProblems, parseConfig } from '../../config/parse.js'
import type { EdgeConfig } from '../../config/settings.js'
import { readKeyPair, whyNotValid } from '../accept/certificates.js'
import { type LastGood, readLastGood } from '../controlled/state.js'
import { codingsAtHand, hasDeltas } from '../optimise/codecs.js'

/** What is no reason not to serve; `--check` objects to warnings. */
export interface Remark {
  readonly level: 'warn' | 'info'
  readonly text: string
}

export interface LoadedConfig {
  readonly ok: true
  readonly config: EdgeConfig
  /** The same as long as the files of all listeners' certificates are. */
  readonly keyDigest: string
  readonly remarks: readonly Remark[]
  /** As it was read: sites that control sends later are put into it. */
  readonly text: string
  /** SHA-256 of that, hexadecimal: whether a file is what runs. */
  readonly textDigest: string
}

export type Loaded = LoadedConfig | { ok: false; problems: string[] }

/** A larger file is not a configuration. */
export const fileBytesMax = 64 * 1024 * 1024

/**
 * Never throws: a file that cannot be read is a problem like any other. `quiet` turns the access log off. When the file
 * names control: `controlled` are its sites; absent, those that were served last, if there are any.
 */
export function loadConfig(file: string, quiet: boolean, controlled?: readonly unknown[]): Loaded {
  const text = read(file)
  if (text instanceof Error) return { ok: false, problems: [`${file}: cannot be read: ${text.message}`] }
  const loaded = loadText(text, quiet, controlled)
  if (controlled !== undefined || !loaded.ok || loaded.config.control === undefined) return loaded
  const lastGood = readLastGood(loaded.config.state.directory)
  return lastGood === undefined ? loaded : withLastGood(loaded, lastGood, quiet)
}

/** Another version of the edge may see them with other eyes: they are left out then, until control sends them again. */
function withLastGood(loaded: LoadedConfig, { sites, revision }: LastGood, quiet: boolean): LoadedConfig {
  const next = loadText(loaded.text, quiet, sites)
  if (next.ok) return next
  const text = `the sites of revision ${revision} cannot be used any more: ${next.problems.join('; ')}`
  return { ...loaded, remarks: [...loaded.remarks, { level: 'warn', text }] }
}

/** The same of what was read before. */
export function loadText(text: string, quiet: boolean, controlled?: readonly unknown[]): Loaded {
  const parsed = parseConfig(text, controlled)
  if (!parsed.ok) return { ok: false, problems: formatProblems(parsed.problems).trimEnd().split('\n') }
  const { config } = parsed
  const keys = readKeys(config, Date.now())
  const problems = [...unreadFiles(config), ...keys.problems]
  if (problems.length > 0) return { ok: false, problems }
  const { keyDigest } = keys
  const remarks = [...keys.remarks, ...lackingCodings(config, codingsAtHand, hasDeltas())]
  const used: EdgeConfig = quiet ? { ...config, log: { ...config.log, access: 'off' } } : config
  const textDigest = createHash('sha256').update(text).digest('hex')
  return { ok: true, config: used, keyDigest, remarks, text, textDigest }
}

/** The certificates of all listeners; `nowMs` is wall clock. */
function readKeys({ listen }: EdgeConfig, nowMs: number) {
  const problems: string[] = []
  const remarks: Remark[] = []
  const digest = createHash('sha256')
  for (const [at, { tls, engine }] of listen.entries()) {
    if (engine === undefined && tls.certificates.length > 0) remarks.push(lacking(at))
    for (const [index, files] of tls.certificates.entries()) {
      const place = `listen[${at}].tls.certificates[${index}]`
      try {
        const pair = readKeyPair(files)
        const reason = whyNotValid(pair, nowMs)
        if (reason !== undefined)
          remarks.push({ level: 'warn', text: `${place}: ${files.certFile}: ${reason}` })
        digest.update(`${pair.certificates}\n${pair.key}\n`)
      } catch (error) {
        problems.push(`${place}: ${(error as Error).message}`)
      }
    }
  }
  return { problems, remarks, keyDigest: digest.digest('base64url') }
}

function lacking(at: number): Remark {
  const text = `listen[${at}]: the engine uws has no HTTP/2 and no HTTP/1.0; engine node has both, engine uws ends this line`
  return { level: 'info', text }
}

/** What a site is to be served in and cannot be made here. */
export function lackingCodings(
  { sites }: Pick<EdgeConfig, 'sites'>,
  atHand: ReadonlySet<string>,
  deltas: boolean,
): Remark[] {
  return sites.flatMap(({ optimise }, at) => {
    const lacking = optimise.compress ? optimise.codings.filter(coding => !atHand.has(coding)) : []
    const names = optimise.dictionaries && !deltas ? [...lacking, 'dcz'] : lacking
    if (names.length === 0) return []
    const text = `sites[${at}].optimise: ${names.join(', ')} cannot be made here, as zstd-napi is not installed: others are served`
    return [{ level: 'info' as const, text }]
  })
}

/** What the configuration names and workers will read. */
function unreadFiles({ sites, control }: EdgeConfig): string[] {
  const ofSites = sites.flatMap(({ originTls: { caFile }, optimise: { image } }, at) => [
    ...problemOf(`sites[${at}].originTls.caFile`, caFile, whyNoAuthorities),
    ...problemOf(`sites[${at}].optimise.image.secretFile`, image.secretFile, whyNoSecret),
  ])
  return [
    ...problemOf('control.tokenFile', control?.tokenFile, whyNoToken),
    ...problemOf('control.caFile', control?.caFile, whyNoAuthorities),
    ...ofSites,
  ]
}

function whyNoToken(file: string): string | undefined {
  const text = read(file)
  if (text instanceof Error) return `cannot be read: ${text.message}`
  return /^nce_\w+_[\w-]+\s*$/.test(text) ? undefined : 'holds no token, expected one line with nce_...'
}

function problemOf(
  place: string,
  file: string | undefined,
  whyNot: (file: string) => string | undefined,
): string[] {
  const reason = file === undefined ? undefined : whyNot(file)
  return reason === undefined ? [] : [`${place}: ${file}: ${reason}`]
}

/** What is guessed in a day is no secret. */
const secretBytesMin = 16

function whyNoSecret(file: string): string | undefined {
  const text = read(file)
  if (text instanceof Error) return `cannot be read: ${text.message}`
  const bytes = Buffer.byteLength(text.trimEnd())
  return bytes < secretBytesMin
    ? `${bytes} bytes, expected a secret of at least ${secretBytesMin}`
    : undefined
}

function whyNoAuthorities(file: string): string | undefined {
  const text = read(file)
  if (text instanceof Error) return `cannot be read: ${text.message}`
  const certificates = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  try {
    for (const certificate of certificates) new X509Certificate(certificate)
  } catch (error) {
    return `holds a certificate that cannot be read: ${(error as Error).message}`
  }
  return certificates.length > 0 ? undefined : 'holds no certificate, expected PEM'
}

function read(file: string): string | Error {
  try {
    const found = statSync(file)
    const { size } = found
    // A pipe may never end, and a reload has to find it again.
    if (!found.isFile()) return new Error('it is not a regular file')
    if (size > fileBytesMax) return new Error(`${size} bytes, expected at most ${fileBytesMax}`)
    return readFileSync(file, 'utf8')
  } catch (error) {
    return error as Error
  }
}
