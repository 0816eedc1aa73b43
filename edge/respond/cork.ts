// What this engine's cork buffer still takes. The answers to all requests of one read are gathered in it, and what does
// not fit is lost when the kernel takes nothing at that moment; of an answer given within its accepting call that ends
// the process. A body may overflow it, since `tryEnd` then leaves the bytes with us; a head may not.

import type { Head } from './responder.js'

const corkBytesMax = 16_384
/** What the engine writes around the lines of a head: status line, Date, Content-Length, separators. */
const frameBytes = 256

/** Below this nobody has to be told that the turn is over. */
const watchedBytesMin = 4_096

/** At most so much is in the buffer: all answers of this turn of the loop, as nobody can see which came in one read. */
let usedBytes = 0
let isWatched = false

/** Whether a head of `headBytes` is safe within the accepting call. If not, the answer has to wait for the next turn. */
export function fitsCork(headBytes: number): boolean {
  if (usedBytes + headBytes + frameBytes <= corkBytesMax) return true
  // The engine takes no other request of that connection while this answer waits, so its buffer is done with.
  usedBytes = 0
  return false
}

export function headBytesOf({ block, tail }: Head): number {
  return block.length + tail.length
}

/** Whether an answer is not safe within the accepting call; else it is counted. What closes has to fit whole. */
export function mustWait(head: Head, bodyBytes: number, closes: boolean): boolean {
  const headBytes = headBytesOf(head)
  if (!fitsCork(closes ? headBytes + bodyBytes : headBytes)) return true
  countCorked(headBytes, bodyBytes)
  return false
}

/** An answer was given within its accepting call. A body that cannot have fitted has emptied the buffer. */
export function countCorked(headBytes: number, bodyBytes: number): void {
  const bytes = headBytes + frameBytes + bodyBytes
  usedBytes = bytes > corkBytesMax ? 0 : Math.min(usedBytes + bytes, corkBytesMax)
  if (isWatched || usedBytes < watchedBytesMin) return
  isWatched = true
  setImmediate(forget)
}

/** Between two turns the buffer is empty. */
function forget(): void {
  usedBytes = 0
  isWatched = false
}
