// Finds the package directory from the place of this file, so that the same code works as source and as dist/.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The nearest directory above `from` that holds package.json; throws when there is none. */
export function packageRoot(from: string = fileURLToPath(import.meta.url)): string {
  let directory = dirname(from)
  while (!existsSync(join(directory, 'package.json'))) {
    const above = dirname(directory)
    if (above === directory) throw new Error(`no package.json above ${from}`)
    directory = above
  }
  return directory
}
