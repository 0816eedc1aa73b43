// What a failed LMDB commit means. lmdb rejects the write with a general error that carries a second promise,
// `commitError`, which rejects with the reason: both must be handled or the process dies of an unhandled rejection.
import { statfsSync } from 'node:fs'
import { setTimeout as after } from 'node:timers/promises'
import { EdgeError } from '../error.js'

export type StoreLog = (
  level: 'debug' | 'info' | 'warn' | 'error',
  message: string,
  details: Record<string, unknown>,
) => void

/** The reason follows the rejection within the same turn; this is only so that nothing can hang. */
const reasonTimeoutMs = 1_000

/** Numbers of errno.h that mean that no more can be written here: ENOSPC, EFBIG, EDQUOT. */
const fullNumbers = new Set([28, 27, 122])
/** A write that a full disk cuts short comes back as EIO; with less than this free it was one of those. */
const freeBytesMin = 1024 * 1024

/** The EdgeError for a write below `path` that lmdb rejected with `error`: `store-full` or `store-failed`. */
export async function explainCommit(error: unknown, path: string): Promise<EdgeError> {
  const reason = await reasonOf(error)
  const full = saysFull(reason) || isDiskFull(path)
  const message = full ? 'the disk of the cache is full' : `the cache could not be written: ${textOf(reason)}`
  return storeError(full ? 'store-full' : 'store-failed', message, reason)
}

/** An error of the store: the edge's own, and nothing of the request depends on it. */
export function storeError(code: string, message: string, cause?: unknown): EdgeError {
  return new EdgeError(code, message, { source: 'edge', status: 500, cause })
}

async function reasonOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !('commitError' in error)) return error
  const reason = Promise.resolve(error.commitError).then(
    () => error,
    (cause: unknown) => cause,
  )
  return Promise.race([reason, after(reasonTimeoutMs, error, { ref: false })])
}

function saysFull(reason: unknown): boolean {
  return reason instanceof Error && 'code' in reason && fullNumbers.has(Number(reason.code))
}

/** Also false when the disk cannot even be asked. */
export function isDiskFull(path: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(path)
    return bavail * bsize < freeBytesMin
  } catch {
    // A disk that cannot even be asked has failed in some other way.
    return false
  }
}

function textOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason)
}
