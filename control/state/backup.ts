// Snapshots of everything that control knows, and a state made of one.
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { claimState } from './claim.js'
import { Database, newEpoch, stateFile } from './database.js'
import { whyNoDatabase } from './frame.js'

export interface Restored {
  readonly sites: number
  readonly revision: number
  /** Where the state went that was there; null: there was none. */
  readonly setAside: string | null
}

/**
 * Makes the state of a snapshot that of a directory, for the next start of control. It is looked into first; a state that is
 * there stays unless `force`, and is set aside then. Edges see another control: what they have stored they validate, as
 * purges of after the snapshot are not known any more. Rejects with what is wrong; nothing has changed then.
 */
export async function restoreState(
  snapshot: string,
  directory: string,
  { force, nowMs }: { force: boolean; nowMs: number },
): Promise<Restored> {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const claim = await claimState(directory)
  const attempt = join(directory, `restore-${nowMs}`)
  try {
    const target = join(directory, stateFile)
    if (existsSync(target) && !force)
      throw new Error(`${directory} has a state already: with --force it is set aside`)
    const reason = whyNoDatabase(snapshot, true)
    if (reason !== undefined) throw new Error(`${snapshot}: ${reason}`)
    mkdirSync(attempt, { mode: 0o700 })
    await copyFile(snapshot, join(attempt, stateFile))
    const found = await lookInto(attempt)
    const setAside = existsSync(target) ? `${target}.before-${nowMs}` : null
    if (setAside !== null) renameSync(target, setAside)
    rmSync(`${target}-lock`, { force: true })
    renameSync(join(attempt, stateFile), target)
    return { ...found, setAside }
  } finally {
    rmSync(attempt, { recursive: true, force: true })
    claim.release()
  }
}

/** As control itself would open it; with an epoch of its own from now on. */
async function lookInto(directory: string): Promise<{ sites: number; revision: number }> {
  const database = new Database(directory)
  try {
    await database.commit(({ meta }) => meta.putSync('epoch', newEpoch()))
    const { sites, meta } = database.tables
    return { sites: sites.getCount(), revision: meta.get('revision') ?? 0 }
  } finally {
    await database.close()
  }
}
