// What processes keep on the disk by reading segments that are not in the directory any more: it counts against the cap
// like what is there. Each says so by a file of its own whose length is that number of bytes, with nothing in it; its lock
// tells whether the process lives.
import { closeSync, constants, ftruncateSync, lstatSync, openSync, readdirSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { lock } from '../../../native/index.js'
import type { StoreLog } from '../commit.js'

const prefix = 'held-'
const openFlags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
const fileMode = 0o600

let made = 0

export class HeldBytes {
  readonly #path: string
  #fd: number | undefined
  #bytes = 0

  readonly #log: StoreLog

  /** Nothing is made until there is something to say. */
  constructor(directory: string, log: StoreLog) {
    made += 1
    this.#log = log
    this.#path = join(directory, `${prefix}${process.pid}-${made}`)
  }

  set(bytes: number): void {
    if (bytes === this.#bytes) return
    try {
      this.#fd ??= this.#make()
      ftruncateSync(this.#fd, bytes)
      this.#bytes = bytes
    } catch (error) {
      this.#log('warn', 'it cannot be said how much of what was removed is still read', { error })
    }
  }

  close(): void {
    if (this.#fd === undefined) return
    closeSync(this.#fd)
    this.#fd = undefined
    unlinkIfThere(this.#path)
  }

  #make(): number {
    // Of one with the same number, long dead.
    unlinkIfThere(this.#path)
    const fd = openSync(this.#path, openFlags, fileMode)
    lock(fd, 'exclusive')
    return fd
  }
}

/** Of all processes; what the dead left is removed. Throws what reading the directory throws. */
export function heldBytes(directory: string): number {
  let bytes = 0
  for (const name of readdirSync(directory)) {
    if (!name.startsWith(prefix)) continue
    const path = join(directory, name)
    const length = lstatSync(path, { throwIfNoEntry: false })?.size ?? 0
    if (length > 0 && isAlive(path)) bytes += length
  }
  return bytes
}

/** Whose lock can be had is dead. */
function isAlive(path: string): boolean {
  let fd: number | undefined
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    if (lock(fd, 'exclusive') === undefined) return true
    unlinkIfThere(path)
    return false
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
