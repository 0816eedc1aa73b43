// How many bytes of the cache each site takes, as the keeper counted last: a small file beside the index, replaced whole.
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Bytes by the names of sites. */
export type SiteBytes = Readonly<Record<string, number>>

const fileName = 'sites-v1.json'

/** Undefined when it was never counted. Rejects with what the file system says. */
export async function readSiteBytes(cacheDirectory: string): Promise<SiteBytes | undefined> {
  try {
    return parse(await readFile(join(cacheDirectory, fileName), 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Rejects with what the file system says; what was there then stays. */
export async function writeSiteBytes(cacheDirectory: string, bytes: SiteBytes): Promise<void> {
  const path = join(cacheDirectory, fileName)
  const beside = `${path}.${process.pid}`
  await writeFile(beside, JSON.stringify(bytes))
  await rename(beside, path)
}

/** Only what is a count; the file may be anybody's. */
function parse(text: string): SiteBytes | undefined {
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null) return undefined
  const counts = Object.entries(value).filter(([, bytes]) => Number.isFinite(bytes))
  return Object.fromEntries(counts) as SiteBytes
}
