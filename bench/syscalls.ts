// How many system calls a server makes for a request: strace counts them during one more round, which is slow under it.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as setTimeoutPromise } from 'node:timers/promises'
import type { Load, LoadOptions } from './load.js'
import type { Peer } from './peers/peer.js'
import { Problem } from './problem.js'
import type { Processes } from './processes.js'
import { requireProgram, STRACE } from './tools.js'

const ATTACH_MS = 500

/** By the name of the call; throws a Problem when strace may not look or says nothing. */
export async function syscallsPerRequest(
  peer: Pick<Peer, 'pids'>,
  load: Load,
  options: LoadOptions,
  processes: Processes,
): Promise<Record<string, number>> {
  const directory = await mkdtemp(join(tmpdir(), 'naij-strace-'))
  try {
    const file = join(directory, 'counts')
    const targets = peer.pids().flatMap(pid => ['-p', `${pid}`])
    const command = [requireProgram(STRACE), '-f', '-q', '-c', '-U', 'calls,name', '-o', file, ...targets]
    const running = await processes.start('strace', command)
    await setTimeoutPromise(ATTACH_MS)
    const { requests } = await load({ ...options, seconds: 1 })
    running.child.kill('SIGINT')
    await running.exited
    return parseCounts(await readFile(file, 'utf8'), requests)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** Reads strace's table of calls and names. What comes less often than once in 100 requests is left out. */
export function parseCounts(text: string, requests: number): Record<string, number> {
  const rows = [...text.matchAll(/^\s*(\d+)\s+(\w+)\s*$/gm)].filter(([, , name]) => name !== 'total')
  if (rows.length === 0 || requests === 0) throw new Problem(`strace counted nothing:\n${text}`, 1)
  const perRequest = rows.map(([, calls, name]): [string, number] => [name!, Number(calls) / requests])
  return Object.fromEntries(perRequest.filter(([, count]) => count >= 0.01))
}
