// What a failed call of the file system means for who stores: that the disk is full, or that it fails.
import { EdgeError } from '../../error.js'
import { storeError } from '../commit.js'

const fullCodes = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** `store-full` or `store-failed`; null is a write that took nothing. */
export function explain(error: unknown): EdgeError {
  if (error instanceof EdgeError) return error
  if (error === null || (error instanceof Error && 'code' in error && fullCodes.has(String(error.code)))) {
    return storeError('store-full', 'the disk of the cache is full', error ?? undefined)
  }
  const text = error instanceof Error ? error.message : String(error)
  return storeError('store-failed', `a segment could not be written: ${text}`, error)
}
