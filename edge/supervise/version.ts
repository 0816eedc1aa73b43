// The version of this package, from the package.json above this file: one for the sources and for dist/ alike.
import { readFileSync } from 'node:fs'

const levelsMax = 5

/** Throws when there is no package.json above: the package is not whole. */
export function packageVersion(): string {
  let directory = new URL('.', import.meta.url)
  for (let level = 0; level < levelsMax; level++) {
    const text = readIfThere(new URL('package.json', directory))
    if (text !== undefined) return (JSON.parse(text) as { version: string }).version
    directory = new URL('..', directory)
  }
  throw new Error(`no package.json above ${import.meta.url}`)
}

function readIfThere(file: URL): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
