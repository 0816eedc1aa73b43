// Reserves space in a file, so that writing there later cannot meet a full disk.
import { loaded } from './addon.js'

export interface AllocateOptions {
  /** The length of the file stays as it is; it grows with what is written. */
  keepSize?: boolean
}

/**
 * Reserves `bytes` from `offset`; what is there stays, what is new reads as zeros. False when nothing was reserved
 * because the file system cannot, or the addon is absent: writing may then fail. Throws ENOSPC, EDQUOT, EFBIG and
 * others; a part may then be reserved, and the file have grown.
 */
export function allocate(fd: number, offset: number, bytes: number, options: AllocateOptions = {}): boolean {
  return loaded.addon?.allocate(fd, offset, bytes, options.keepSize ?? false) ?? false
}
