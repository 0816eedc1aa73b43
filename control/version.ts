// The version of this package, out of its package.json: the same from source and from dist/.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** This module is at most so deep below the root of the package. */
const depthMax = 8

export function packageVersion(): string {
  let directory = dirname(fileURLToPath(import.meta.url))
  for (let depth = 0; depth < depthMax && !existsSync(join(directory, 'package.json')); depth += 1)
    directory = dirname(directory)
  return (JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as { version: string }).version
}
