// Bodies that were there when the machine started may have lost bytes with the power: each is compared with its CRC-32
// once, before it is first used. What was written since is sound: kill -9 takes nothing back that was written.
import { readSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import type { Place } from './place.js'

/** Reads like `Segments.readLater`. */
export type ReadLater = (place: Place, from: number, into: Uint8Array) => Promise<number | undefined>

/** Places that are known to be sound; the first ones are forgotten, and checked again, beyond this. */
const soundMax = 65_536
const pieceBytes = 256 * 1024

export class Checks {
  readonly #readLater: ReadLater
  readonly #max: number
  readonly #sound = new Set<string>()
  readonly #running = new Map<string, Promise<boolean>>()

  constructor(readLater: ReadLater, max = soundMax) {
    this.#readLater = readLater
    this.#max = max
  }

  isKnownSound(place: Place): boolean {
    return this.#sound.has(nameOf(place))
  }

  /** Reads all of it, once for all who ask meanwhile. False also when it cannot be read. Never rejects. */
  run(place: Place): Promise<boolean> {
    const name = nameOf(place)
    if (this.#sound.has(name)) return Promise.resolve(true)
    const running = this.#running.get(name)
    if (running !== undefined) return running
    const check = this.#compare(place).then(isSound => {
      this.#running.delete(name)
      if (isSound) this.#remember(name)
      return isSound
    })
    this.#running.set(name, check)
    return check
  }

  /** At once, from the segment that is open as `fd`. Throws what reading throws. */
  runNow(place: Place, fd: number): boolean {
    const name = nameOf(place)
    if (this.#sound.has(name)) return true
    let crc = 0
    for (const [offset, length] of place.extents) {
      const extent = Buffer.allocUnsafe(length)
      if (readSync(fd, extent, 0, length, offset) !== length) return false
      crc = crc32(extent, crc)
    }
    if (crc !== place.crc) return false
    this.#remember(name)
    return true
  }

  async #compare(place: Place): Promise<boolean> {
    const piece = Buffer.allocUnsafe(Math.min(place.bytes, pieceBytes))
    let crc = 0
    for (let at = 0; at < place.bytes; ) {
      const bytes = await this.#readLater(place, at, piece)
      if (bytes === undefined || bytes === 0) return false
      crc = crc32(piece.subarray(0, bytes), crc)
      at += bytes
    }
    return crc === place.crc
  }

  #remember(name: string): void {
    this.#sound.add(name)
    if (this.#sound.size <= this.#max) return
    for (const oldest of this.#sound) {
      this.#sound.delete(oldest)
      return
    }
  }
}

/** No two bodies begin at the same place; the rest is there because a damaged record may say anything. */
function nameOf({ segment, extents, bytes, crc }: Place): string {
  return `${segment} ${extents.join(' ')} ${bytes} ${crc}`
}
