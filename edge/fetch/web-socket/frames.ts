// Writes the frames of a WebSocket client (RFC 6455 5): each whole, masked by bytes that nobody can foresee.
import { randomFillSync } from 'node:crypto'
import { isWritable, reasonBytesMax } from './close.js'

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

const isFinal = 0x80
const isMasked = 0x80
const maskBytes = 4

/** A message or a control frame, ready for the socket; `payload` is copied. */
export function clientFrame(opcode: number, payload: Uint8Array): Buffer {
  const { length } = payload
  const sizeBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8
  const headBytes = 2 + sizeBytes + maskBytes
  // So that the payload lies where words do.
  const pad = (4 - (headBytes % 4)) % 4
  const frame = Buffer.allocUnsafeSlow(pad + headBytes + length)
  frame[pad] = isFinal | opcode
  frame[pad + 1] = isMasked | (sizeBytes === 0 ? length : sizeBytes === 2 ? 126 : 127)
  if (sizeBytes === 2) frame.writeUInt16BE(length, pad + 2)
  if (sizeBytes === 8) frame.writeBigUInt64BE(BigInt(length), pad + 2)
  const at = pad + headBytes
  const mask = nextMask()
  mask.copy(frame, at - maskBytes)
  frame.set(payload, at)
  xor(frame, at, mask)
  return frame.subarray(pad)
}

/** `code` 1005 is a frame that says none. */
export function closePayload(code: number, reason: Uint8Array): Buffer {
  if (!isWritable(code)) return Buffer.alloc(0)
  const payload = Buffer.alloc(2 + Math.min(reason.length, reasonBytesMax))
  payload.writeUInt16BE(code)
  payload.set(reason.subarray(0, reasonBytesMax), 2)
  return payload
}

/** All from `at` on, which is a multiple of four in a buffer of its own. */
function xor(frame: Buffer, at: number, mask: Buffer): void {
  const words = (frame.length - at) >>> 2
  const word = new Int32Array(mask.buffer, mask.byteOffset, 1)[0]!
  const view = new Int32Array(frame.buffer, at, words)
  for (let each = 0; each < words; each += 1) view[each]! ^= word
  for (let each = at + words * 4; each < frame.length; each += 1) frame[each]! ^= mask[(each - at) & 3]!
}

/** Random bytes are asked for by the thousand: a call for four is a microsecond. */
const masks = Buffer.allocUnsafeSlow(8_192)
let masksUsed = masks.length

function nextMask(): Buffer {
  if (masksUsed === masks.length) {
    randomFillSync(masks)
    masksUsed = 0
  }
  masksUsed += maskBytes
  return masks.subarray(masksUsed - maskBytes, masksUsed)
}
