// What workers say to each other: frames of 16 bytes, four numbers of 32 bits, little-endian. They only wake; whatever
// matters lies in shared memory and is read there.

export interface Frame {
  /** Which fill, as in `FillRef`. */
  readonly slot: number
  readonly turn: number
  /** What happened: the numbers are its users' to give, below `reservedFrom`. */
  readonly event: number
  readonly value: number
}

export const frameBytes = 16

/** From here on events are the mesh's own. */
export const reservedFrom = 0xffffff00
/** The first frame of a connection: `slot` is the number of who sends. */
export const helloEvent = 0xffffffff
/** Answered at once with the same numbers and `pongEvent`. */
export const pingEvent = 0xfffffffe
export const pongEvent = 0xfffffffd

export function encodeFrame({ slot, turn, event, value }: Frame): Buffer {
  const bytes = Buffer.allocUnsafe(frameBytes)
  bytes.writeUInt32LE(slot, 0)
  bytes.writeUInt32LE(turn, 4)
  bytes.writeUInt32LE(event, 8)
  bytes.writeUInt32LE(value, 12)
  return bytes
}

/** Makes frames of the chunks of one connection, however they are cut. */
export class FrameReader {
  /** The beginning of a frame whose end has not come. */
  #rest: Buffer = Buffer.alloc(0)

  /** Calls `onFrame` for every frame that is complete, in order. */
  read(chunk: Buffer, onFrame: (frame: Frame) => void): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    let at = 0
    for (; at + frameBytes <= bytes.length; at += frameBytes) onFrame(decodeFrame(bytes, at))
    this.#rest = Buffer.from(bytes.subarray(at))
  }
}

function decodeFrame(bytes: Buffer, at: number): Frame {
  return {
    slot: bytes.readUInt32LE(at),
    turn: bytes.readUInt32LE(at + 4),
    event: bytes.readUInt32LE(at + 8),
    value: bytes.readUInt32LE(at + 12),
  }
}
