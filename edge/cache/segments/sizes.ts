// How the bytes of a cache are shared between its index and its segments.
const mebibyte = 1024 * 1024
const segmentBytesMin = mebibyte
const segmentBytesMax = 256 * mebibyte
/** So many segments hold all: what leaves at once is that small a part. */
const segmentCount = 128
/** Heads and small bodies. */
const indexShare = 8

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
