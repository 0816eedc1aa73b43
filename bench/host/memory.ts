// What a server holds in memory: the anonymous and shared pages of its processes and the files they share as memory.
// Pages of other files are the kernel's to drop: they are not counted.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ifThere } from '../if-there.js'
import { Problem } from '../problem.js'

const FILE_BLOCK_BYTES = 512

/** `zoneDirectory` may be absent. Throws a Problem when a process is gone: its memory would be missing from the sum. */
export function memoryBytes(pids: readonly number[], zoneDirectory: string): number {
  const held = pids.map(pid => {
    const text = ifThere(() => readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))
    if (text === undefined) throw new Problem(`process ${pid} ended while it was measured`, 1)
    return parseHeldBytes(text)
  })
  return held.reduce((sum, bytes) => sum + bytes, 0) + fileBytes(zoneDirectory)
}

/** From the text of /proc/PID/smaps_rollup. A page that several processes have counts in each by its share. */
export function parseHeldBytes(text: string): number {
  const kib = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0)
  return (kib('Pss_Anon') + kib('Pss_Shmem')) * 1024
}

/** What the files in a directory really take: a zone is written where it is used only. */
export function fileBytes(directory: string): number {
  const entries = ifThere(() => readdirSync(directory, { withFileTypes: true })) ?? []
  return entries
    .filter(entry => entry.isFile())
    .map(entry => ifThere(() => statSync(join(directory, entry.name)).blocks * FILE_BLOCK_BYTES) ?? 0)
    .reduce((sum, bytes) => sum + bytes, 0)
}
