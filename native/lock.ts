// Locks between processes that the kernel takes back when their holder dies, however it dies (flock(2)).
// Nothing here waits.
import { closeSync, constants, fstatSync, openSync, statSync } from 'node:fs'
import { lockOperations, requireAddon } from './addon.js'

export type LockMode = 'shared' | 'exclusive'

/** A lock that this process holds: until `release()` or its death, even when nothing refers to it any more. */
export class Lock {
  readonly #fd: number
  readonly #closes: boolean
  #state: LockMode | 'released'

  /** `closes`: the descriptor is the lock's own. */
  constructor(fd: number, mode: LockMode, closes: boolean) {
    this.#fd = fd
    this.#state = mode
    this.#closes = closes
  }

  get state(): LockMode | 'released' {
    return this.#state
  }

  /**
   * Changes the mode. False when another came between: the lock is then lost, and released. Not atomic: even from
   * exclusive to shared, another may hold it exclusively for a moment on the way.
   */
  convert(mode: LockMode): boolean {
    if (this.#state === 'released') return false
    if (flock(this.#fd, mode)) {
      this.#state = mode
      return true
    }
    this.release()
    return false
  }

  /** Does nothing when it was released before. */
  release(): void {
    if (this.#state === 'released') return
    this.#state = 'released'
    flock(this.#fd, 'release')
    if (this.#closes) closeSync(this.#fd)
  }
}

/**
 * Takes the lock of a file, without waiting; undefined when another holds it. A path is opened, and made when
 * absent (0600); a number is a descriptor, which stays the caller's and open. Children do not inherit it: Node opens
 * everything close-on-exec. Two openings in one process exclude each other like two processes.
 *
 * Throws `native-absent`, and what opening throws.
 */
export function lock(place: string | number, mode: LockMode): Lock | undefined {
  requireAddon()
  if (typeof place === 'number') return flock(place, mode) ? new Lock(place, mode, false) : undefined
  const fd = openSync(place, constants.O_RDWR | constants.O_CREAT, 0o600)
  let isHeld = false
  try {
    isHeld = flock(fd, mode) && isFileAt(place, fd)
  } finally {
    if (!isHeld) closeSync(fd)
  }
  return isHeld ? new Lock(fd, mode, true) : undefined
}

/** Whether the path still names the open file: a lock on one that was unlinked meanwhile would exclude nobody. */
export function isFileAt(path: string, fd: number): boolean {
  const named = statSync(path, { throwIfNoEntry: false })
  const open = fstatSync(fd)
  return named !== undefined && named.ino === open.ino && named.dev === open.dev
}

function flock(fd: number, operation: (typeof lockOperations)[number]): boolean {
  return requireAddon().flock(fd, lockOperations.indexOf(operation))
}
