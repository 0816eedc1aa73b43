// Which format the cache directory is in: a number in a file of its own, so that an edge knows before it opens anything
// whether it can read what is there. The number is that of the layout of records (layout.ts).
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EdgeError } from '../error.js'
import { indexDirectory } from './index-directory.js'
import { magic } from './layout.js'

/** The fourth byte of a record's magic. */
export const currentFormat = magic >>> 24
/** Before the file was written. */
const oldestFormat = 3

const fileName = 'format.json'

/**
 * Undefined when there is nothing to do; else the older format that what is there must be brought forward from. Throws
 * an EdgeError (`cache-newer`, `cache-format`) for what this version cannot read.
 */
export function olderFormat(directory: string): number | undefined {
  const format = readFormat(directory)
  if (format > currentFormat) {
    throw refused(
      'cache-newer',
      `cache.directory: ${directory} was written by a newer version (format ${format}, this one reads up to ${currentFormat}): ` +
        'start that version, or empty the directory',
    )
  }
  return format === currentFormat ? undefined : format
}

/**
 * Notes that what is there, or comes, is in this version's format. A full disk is no reason not to start: without the note
 * the next start looks at every record. Returns why it could not be noted. Throws what else the file system says.
 */
export function noteFormat(directory: string): string | undefined {
  const path = join(directory, fileName)
  const beside = `${path}.${process.pid}`
  try {
    writeFileSync(beside, `${JSON.stringify({ format: currentFormat })}\n`)
    renameSync(beside, path)
    return undefined
  } catch (error) {
    rmSync(beside, { force: true })
    const { code, message } = error as NodeJS.ErrnoException
    if (!fullCodes.has(code ?? '')) throw error
    return `the format of the cache could not be noted: ${message}`
  }
}

const fullCodes: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT'])

function readFormat(directory: string): number {
  const path = join(directory, fileName)
  if (!existsSync(path)) return existsSync(indexDirectory(directory)) ? oldestFormat : 0
  const text = readFileSync(path, 'utf8')
  const format = formatIn(text)
  if (format === undefined)
    throw refused('cache-format', `cache.directory: ${path} does not say a format: ${text.slice(0, 80)}`)
  return format
}

function formatIn(text: string): number | undefined {
  try {
    const { format } = JSON.parse(text) as { format?: unknown }
    return Number.isInteger(format) ? (format as number) : undefined
  } catch {
    // Not JSON at all: said by who asked.
    return undefined
  }
}

function refused(code: string, message: string): EdgeError {
  return new EdgeError(code, message, { source: 'edge', status: 503 })
}
