// The cap on what all segments take: held to before a segment is made or grows. Whoever needs room removes the oldest
// segments himself, at once; so the cap holds however fast bodies come, and whoever else makes room does so at leisure.
import { closeSync, constants, fstatSync, lstatSync, mkdirSync, openSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { lock } from '../../../native/index.js'
import type { StoreLog } from '../commit.js'
import { listIds, takenBytes } from './directory.js'
import { segmentPath } from './header.js'
import { heldBytes } from './held.js'

export interface SpaceOptions {
  /** Of the segments. */
  directory: string
  /** What they may take by now, all together. */
  capBytes: () => number
  /** Called before room is made: what is kept on the disk for no reason can go. */
  onShort?: () => void
  log: StoreLog
}

/** Held while somebody makes room and takes it, so that no two take the same. */
const lockName = 'space.lock'
const lockTries = 20
const lockPauseMs = 1
const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

const pause = new Int32Array(new SharedArrayBuffer(4))

export class Space {
  readonly #options: SpaceOptions

  constructor(options: SpaceOptions) {
    this.#options = options
  }

  /**
   * What `take` returns, which takes `bytes` of the disk, once there is room for it; undefined when there is none: all
   * that is there is being written. Blocks for moments. Throws what `take` or the file system throws.
   */
  with<T>(bytes: number, take: () => T): T | undefined {
    if (this.#options.capBytes() === Number.POSITIVE_INFINITY) return take()
    const held = this.#lock()
    if (held === undefined) return undefined
    try {
      return this.#make(bytes) ? take() : undefined
    } finally {
      held.release()
    }
  }

  /** The disk has no room for `bytes` more, whatever the cap says: the oldest make some for the next who asks. Never throws. */
  free(bytes: number): void {
    const { directory, onShort, log } = this.#options
    onShort?.()
    let left = bytes
    try {
      for (const id of listIds(directory).slice(0, -1)) {
        if (left <= 0) break
        const freed = bytesOf(directory, id)
        if (this.#remove(id)) left -= freed
      }
    } catch (error) {
      log('warn', 'the segments could not be listed', { directory, error })
    }
  }

  #lock(): { release(): void } | undefined {
    const { directory } = this.#options
    // It may have been removed as a whole: then all begins anew.
    mkdirSync(directory, { recursive: true })
    const path = join(directory, lockName)
    for (let turn = 0; turn < lockTries; turn += 1) {
      const held = lock(path, 'exclusive')
      if (held !== undefined) return held
      Atomics.wait(pause, 0, 0, lockPauseMs)
    }
    return undefined
  }

  #make(bytes: number): boolean {
    const { directory, capBytes, onShort } = this.#options
    onShort?.()
    const files = listIds(directory).map(id => ({ id, bytes: bytesOf(directory, id) }))
    const taken = files.reduce((sum, file) => sum + file.bytes, 0) + heldBytes(directory)
    let over = taken + bytes - capBytes()
    // Never the newest: its id is what the next one is counted from.
    for (const file of files.slice(0, -1)) {
      if (over <= 0) break
      if (this.#remove(file.id)) over -= file.bytes
    }
    return over <= 0
  }

  /** Unless somebody writes to it, or keeps it until he has moved out of it what is to stay. */
  #remove(id: number): boolean {
    const { directory, log } = this.#options
    const path = segmentPath(directory, id)
    let fd: number | undefined
    try {
      fd = openSync(path, openFlags)
      if (lock(fd, 'exclusive') === undefined) return false
      if (fstatSync(fd).nlink > 0) unlinkSync(path)
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true
      log('warn', 'a segment could not be removed', { path, error })
      return false
    } finally {
      if (fd !== undefined) closeSync(fd)
    }
  }
}

function bytesOf(directory: string, id: number): number {
  const status = lstatSync(segmentPath(directory, id), { throwIfNoEntry: false })
  return status === undefined ? 0 : takenBytes(status)
}
