// LMDB's list of free pages, read by hand for inspect.ts: a B-tree from transaction to a list of page numbers. Total:
// whatever the pages hold, the answer is yes only when every page asked about was found free.

export interface PageFile {
  pageBytes: number
  /** `count` pages from `page` on; nothing when the file does not have them all. */
  read: (page: number, count: number) => Buffer
}

const headerBytes = 24
const branchFlag = 0x01
const leafFlag = 0x02
const overflowNodeFlag = 0x01
const noPage = 0xffff_ffff_ffff_ffffn
/** Pages that may be asked about: a file that lacks more is not looked at closely. */
const missingMax = 1 << 20

/** True when all pages `from`..`to` are in the tree of free pages at `root`. */
export function allFree(file: PageFile, root: bigint, from: number, to: number): boolean {
  if (root === noPage || to - from >= missingMax) return false
  const missing = new Set<number>()
  for (let page = from; page <= to; page++) missing.add(page)
  const sound = walk(file, Number(root), new Set(), list => forget(missing, list, from, to))
  return sound && missing.size === 0
}

/** Calls `take` with the list of each leaf node under `page`; false when something is not as it must be. */
function walk(file: PageFile, page: number, seen: Set<number>, take: (list: Buffer) => void): boolean {
  // A page that comes twice is no tree: without this a damaged file could keep us busy for ever.
  if (seen.has(page)) return false
  seen.add(page)
  const bytes = file.read(page, 1)
  if (bytes.length < file.pageBytes) return false
  const flags = bytes.readUInt16LE(18)
  const nodes = bytes.readUInt16LE(20) >> 1
  if ((flags & (branchFlag | leafFlag)) === 0) return false
  for (let node = 0; node < nodes; node++) {
    if (headerBytes + 2 * node + 2 > file.pageBytes) return false
    const at = bytes.readUInt16LE(headerBytes + 2 * node) + headerBytes
    if (at + 8 > file.pageBytes) return false
    const branch = (flags & branchFlag) !== 0
    const sound = branch ? walk(file, childOf(bytes, at), seen, take) : takeNode(file, bytes, at, take)
    if (!sound) return false
  }
  return true
}

function childOf(bytes: Buffer, at: number): number {
  return bytes.readUInt16LE(at + 4) * 2 ** 32 + bytes.readUInt32LE(at)
}

function takeNode(file: PageFile, bytes: Buffer, at: number, take: (list: Buffer) => void): boolean {
  const dataBytes = bytes.readUInt32LE(at)
  const dataAt = at + 8 + bytes.readUInt16LE(at + 6)
  if ((bytes.readUInt16LE(at + 4) & overflowNodeFlag) === 0) {
    if (dataAt + dataBytes > file.pageBytes) return false
    take(bytes.subarray(dataAt, dataAt + dataBytes))
    return true
  }
  if (dataAt + 8 > file.pageBytes) return false
  const overflow = Number(bytes.readBigUInt64LE(dataAt))
  const pages = Math.ceil((headerBytes + dataBytes) / file.pageBytes)
  const data = file.read(overflow, pages).subarray(headerBytes, headerBytes + dataBytes)
  if (data.length < dataBytes) return false
  take(data)
  return true
}

/**
 * A list begins with its length; 0 is an empty place, a negative number says how many pages follow from the next one
 * on, any other is one page.
 */
function forget(missing: Set<number>, list: Buffer, from: number, to: number): void {
  const length = list.length >= 8 ? Math.min(Number(list.readBigInt64LE(0)), (list.length >> 3) - 1) : 0
  let run = 1
  for (let i = 1; i <= length; i++) {
    const value = Number(list.readBigInt64LE(8 * i))
    if (value < 0) run = -value
    if (value <= 0) continue
    for (let page = Math.max(value, from); page < value + run && page <= to; page++) missing.delete(page)
    run = 1
  }
}
