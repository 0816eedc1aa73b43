// What the kernel tells in files, below a root: that of this host, that of one mounted into a container, or a test's.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export class HostFiles {
  readonly #root: string

  constructor(root: string) {
    this.#root = root
  }

  /** Where it is from here. */
  at(path: string): string {
    return join(this.#root, path)
  }

  has(path: string): boolean {
    return existsSync(this.at(path))
  }

  /** Trimmed; undefined when it cannot be read: another kernel has other files, and some are for root only. */
  text(path: string): string | undefined {
    try {
      return readFileSync(this.at(path), 'utf8').trim()
    } catch {
      return undefined
    }
  }

  /** Of a setting below /proc/sys, such as `net.core.somaxconn`. */
  sysctl(name: string): string | undefined {
    return this.text(`/proc/sys/${name.replaceAll('.', '/')}`)
  }
}
