// Reads the heads of responses: source/engine/answers.cc.
import { loadEngineAddon } from './engine-addon.js'

/** Bits of what `read` returns, besides the lower ten, which are the status. The same in source/engine/answers.h. */
export const SeenAnswer = {
  /** There is a Content-Length; else the body comes in chunks. */
  hasLength: 1 << 16,
  /** What is in its slot is new: whatever was there is another. */
  isNewShape: 1 << 17,
  hasDate: 1 << 18,
  /** Date is that of the last one that had one. */
  isSameDate: 1 << 19,
  /** It is to be read whole: nothing else is known then. */
  odd: 0x8000_0000,
} as const

/**
 * The shape of a head is its status, the names of its fields in their order, and the values of those by which anything is
 * decided when an answer passes: those of Content-Type, Content-Encoding, Vary, Pragma, Connection, Keep-Alive,
 * Transfer-Encoding, and of every name that ends with `-control`. One shape, one slot.
 */
export interface AnswerScanner {
  /**
   * Bits of `SeenAnswer` for the head that begins at `at`. A plain one is whole and of HTTP/1.1, has a final status, one
   * Content-Length or `Transfer-Encoding: chunked`, at most one Date, at most 64 lines, and a shape of at most 1,024 bytes
   * that has been seen lately.
   */
  read(bytes: Uint8Array, at: number): number
  /**
   * Writes those lines of the head that was read last, and was not odd, whose bits are set, `Name: value` and CRLF each;
   * returns how many bytes that are. The head must be where it was. `behind` goes behind them. There must be room for the
   * head's length and 128 bytes more, and for `behind`, or it is -1.
   */
  keep(low: number, high: number, to: Uint8Array, at: number, behind?: Uint8Array): number
  /** Of the last one that was not odd: slot, length of the head, Content-Length low and high, where Date's value begins. */
  readonly places: Uint32Array
}

let scanner: AnswerScanner | undefined

/** One for all of a process who ask, as there is one memory of shapes; undefined without the addon. */
export function answerScanner(): AnswerScanner | undefined {
  scanner ??= makeScanner()
  return scanner
}

function makeScanner(): AnswerScanner | undefined {
  const addon = loadEngineAddon()
  if (addon === undefined) return undefined
  // Larger than what V8 keeps on its own heap, where it could move.
  const places = new ArrayBuffer(4_096)
  addon.answersInto(places)
  return { read: addon.answer, keep: addon.keepLines, places: new Uint32Array(places, 0, 6) }
}
