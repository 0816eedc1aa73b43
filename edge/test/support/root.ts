// Where the package lies, seen from a test: its sources and their documents are not in dist/.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = above(dirname(fileURLToPath(import.meta.url)))

function above(directory: string): string {
  return existsSync(join(directory, 'package.json')) ? directory : above(dirname(directory))
}
