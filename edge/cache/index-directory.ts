import { join } from 'node:path'

/** The directory of the environment in the cache directory. */
export function indexDirectory(directory: string): string {
  return join(directory, 'index')
}
