// Where the sockets of the workers are: one file each in `run.directory`, named by its group and its owner, so that who
// comes later finds all who are there by listing the directory.
import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { groundError } from './shared-file.js'

/** What the kernel has room for in the address of a socket (unix(7)), without its last zero. */
const pathBytesMax = 107
/** A socket gets its name when it is listened on: until then it has this ending, for moments. */
const newEnding = '.new'
/** What is still so named after this was left by one who died in that moment. */
const newMsMax = 60_000

export class SocketFiles {
  readonly #directory: string
  readonly #prefix: string

  constructor(runDirectory: string, group: string) {
    this.#directory = runDirectory
    this.#prefix = `mesh-${group}-`
  }

  path(owner: number): string {
    return join(this.#directory, `${this.#prefix}${owner}`)
  }

  /** Where to listen before the name is given. Throws (`mesh-path`) when the path is too long for a socket. */
  newPath(owner: number): string {
    const path = this.path(owner) + newEnding
    const bytes = Buffer.byteLength(path)
    if (bytes <= pathBytesMax) return path
    throw groundError(
      'mesh-path',
      `run.directory: the path is too long for the sockets in it: ${path} has ${bytes} bytes, at most ${pathBytesMax}`,
    )
  }

  /** False when it cannot be: then the next who joins finds it dead again, which does no harm. */
  remove(owner: number): boolean {
    try {
      rmSync(this.path(owner), { force: true })
      return true
    } catch {
      return false
    }
  }

  /** The numbers of all who have a socket, the dead whose sockets are still there too. */
  owners(): number[] {
    return this.#endings()
      .filter(ending => /^\d+$/.test(ending))
      .map(Number)
  }

  /** Removes what was never given its name. */
  removeUnnamed(): void {
    for (const ending of this.#endings().filter(each => each.endsWith(newEnding))) {
      const path = join(this.#directory, this.#prefix + ending)
      const found = statSync(path, { throwIfNoEntry: false })
      if (found !== undefined && Date.now() - found.mtimeMs > newMsMax) rmSync(path, { force: true })
    }
  }

  #endings(): string[] {
    return readdirSync(this.#directory)
      .filter(name => name.startsWith(this.#prefix))
      .map(name => name.slice(this.#prefix.length))
  }
}
