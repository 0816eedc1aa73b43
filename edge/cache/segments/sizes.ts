// How the bytes of a cache are shared between its index and its segments, and what of them the keeper keeps free.
const mebibyte = 1024 * 1024
const segmentBytesMin = mebibyte
const segmentBytesMax = 256 * mebibyte
/** So many segments hold all: what leaves at once is that small a part. */
const segmentCount = 128
/** Of all, for heads and small bodies. */
export const indexShare = 8

/** A segment with so much in it takes no further bodies. */
export function segmentBytesOf(bytesMax: number): number {
  return Math.min(Math.max(Math.floor(bytesMax / segmentCount), segmentBytesMin), segmentBytesMax)
}

export function indexBytesMaxOf(bytesMax: number): number {
  return Math.floor(bytesMax / indexShare)
}

export function segmentsBytesMaxOf(bytesMax: number): number {
  return bytesMax - indexBytesMaxOf(bytesMax)
}

/**
 * What the keeper lets the segments take: each worker, and the keeper itself, can then begin another one before the cap is reached. With many
 * workers on a small cache at least half of it is used.
 */
export function keptBytesOf(bytesMax: number, workers: number): number {
  const cap = segmentsBytesMaxOf(bytesMax)
  return Math.max(cap - (workers + 1) * segmentBytesOf(bytesMax), Math.floor(cap / 2))
}
