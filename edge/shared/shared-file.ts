// One file that processes map together: opened, made or replaced so that nobody ever sees it half made and nobody's
// mapping loses its file. Who uses it holds a shared lock on it, so who gets the exclusive one is alone with it.
import { lstatSync, statSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type Lock, lock, map, unmap } from '../../native/index.js'
import { EdgeError } from '../error.js'

export interface SharedFileOptions {
  path: string
  bytes: number
  /** Whether these are the contents that this version can use. */
  isSound(buffer: ArrayBuffer): boolean
  /** Whether what is not sound was so before the machine started: it is replaced without a word. */
  isOld?(buffer: ArrayBuffer): boolean
  /** Fills in a file of zeros. */
  make(buffer: ArrayBuffer): void
  /** A sound file that nobody else uses: what the dead left in it goes. */
  renew(buffer: ArrayBuffer): void
  /** What names the directory, for errors; `run.directory` when absent. */
  setting?: string
}

export interface SharedFile {
  readonly buffer: ArrayBuffer
  /** Held as long as the buffer is used. */
  readonly lock: Lock
  /** What was there and could not be used; nothing of it is left. */
  readonly replaced?: Replaced
}

export interface Replaced {
  path: string
  /** What was wrong with it. */
  why: string
}

/** What names the directory, unless it is said. */
const runSetting = 'run.directory'
/** Held while files are opened, made, removed: in none of these does its holder wait for anything. */
const openingLock = 'ground.lock'
const openingWaitMs = 10_000
const openingPauseMs = 2

/**
 * Runs `open` while no other process of this directory does; `setting` is what names the directory. Blocks for as long as another one is at it, which is
 * moments; throws `ground-busy` after ten seconds, and an EdgeError `ground` for whatever the directory refuses.
 */
export function openAlone<T>(
  directory: string,
  open: () => T,
  waitMs = openingWaitMs,
  setting = runSetting,
): T {
  const path = join(directory, openingLock)
  const where = { setting, directory }
  const held = asGroundError(where, () => takeLock(path, waitMs))
  if (held === undefined) throw groundError('ground-busy', `${setting}: another process keeps ${path} locked`)
  try {
    return asGroundError(where, open)
  } finally {
    held.release()
  }
}

function takeLock(path: string, waitMs: number): Lock | undefined {
  const pause = new Int32Array(new SharedArrayBuffer(4))
  const untilMs = performance.now() + waitMs
  for (;;) {
    const held = lock(path, 'exclusive')
    if (held !== undefined || performance.now() >= untilMs) return held
    Atomics.wait(pause, 0, 0, openingPauseMs)
  }
}

/** Only within `openAlone`. A file that cannot be used is replaced when nobody else uses it. */
export function openSharedFile(options: SharedFileOptions, instead?: Replaced): SharedFile {
  const { path } = options
  const alone = lock(path, 'exclusive')
  if (alone === undefined) return openBeside(options)
  let why: string
  try {
    const mapped = mapAlone(options)
    const replaced = instead ?? mapped.replaced
    // Not atomic, but nobody else may try now.
    if (mapped.buffer !== undefined && alone.convert('shared')) {
      return { buffer: mapped.buffer, lock: alone, ...(replaced && { replaced }) }
    }
    why = mapped.replaced?.why ?? 'somebody else took it'
    unlinkSync(path)
  } catch (error) {
    removeEmpty(path)
    throw error
  } finally {
    if (alone.state === 'exclusive') alone.release()
  }
  if (instead !== undefined)
    throw groundError('ground', `${options.setting ?? runSetting}: ${path} cannot be replaced`)
  return openSharedFile(options, { path, why })
}

/** The file is not used any more. */
export function closeFile({ buffer, lock }: SharedFile): void {
  // Unmapped first: who gets the lock next may change what we would still see.
  unmap(buffer)
  lock.release()
}

/** No buffer when what is there is not of the right length, or no file. */
function mapAlone({ path, bytes, isSound, isOld, make, renew }: SharedFileOptions): {
  buffer?: ArrayBuffer
  replaced?: Replaced
} {
  // The lock has made it when it was not there.
  const wasEmpty = lstatSync(path).size === 0
  try {
    const buffer = map(path, bytes, { create: true })
    if (isSound(buffer)) {
      renew(buffer)
      return { buffer }
    }
    const isExpected = wasEmpty || isOld?.(buffer) === true
    new Uint8Array(buffer).fill(0)
    make(buffer)
    return isExpected ? { buffer } : { buffer, replaced: { path, why: 'its first bytes are wrong' } }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (unusableCodes.has(code ?? '')) return { replaced: { path, why: message } }
    throw error
  }
}

const unusableCodes: ReadonlySet<string> = new Set(['wrong-length', 'not-a-file', 'ELOOP'])

/** Others use it: it stays as it is, whatever it is. */
function openBeside({ path, bytes, isSound, setting = runSetting }: SharedFileOptions): SharedFile {
  const shared = lock(path, 'shared')
  if (shared === undefined)
    throw groundError('ground-busy', `${setting}: another process keeps ${path} locked`)
  try {
    const buffer = map(path, bytes)
    if (isSound(buffer)) return { buffer, lock: shared }
    throw Object.assign(new Error('its first bytes are wrong'), { code: 'unsound' })
  } catch (cause) {
    shared.release()
    const message = `${setting}: ${path} is damaged and in use: ${(cause as Error).message}`
    throw groundError('ground-damaged', message, cause)
  }
}

/** Nothing is left behind of a file that could not be made. */
function removeEmpty(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.size === 0) unlinkSync(path)
}

function asGroundError<T>({ setting, directory }: { setting: string; directory: string }, act: () => T): T {
  try {
    return act()
  } catch (cause) {
    if (cause instanceof EdgeError) throw cause
    const message = `${setting}: no shared memory in ${directory}: ${(cause as Error).message}`
    throw groundError('ground', message, cause)
  }
}

export function groundError(code: string, message: string, cause?: unknown): EdgeError {
  return new EdgeError(code, message, { source: 'edge', status: 503, cause })
}
