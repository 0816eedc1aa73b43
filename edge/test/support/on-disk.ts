// A whole edge whose store keeps nothing in memory, so that every hit reads its segment.
import { readdirSync, rmSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { Test } from 'tap'
import { openStore } from '../../cache/bodied-store.js'
import type { Store } from '../../cache/store.js'
import { runDirectoryOf } from '../shared/support/ground.js'
import { noise, type Play, play, until } from './play.js'
import { type SettledStore, settledStore } from './settled-store.js'

export const mebibyte = 1024 * 1024
export const body = noise(mebibyte)
export const host = { headers: { host: 'a', connection: 'keep-alive' } }
export const validator = { ETag: '"1"', 'Last-Modified': 'Mon, 01 Jan 2024 00:00:00 GMT' }

export type Script = (request: IncomingMessage, response: ServerResponse, turn: number) => void

export interface Stage extends Play {
  store: SettledStore
  segments: string
}

export async function onDisk(t: Test, script: Script, more: Record<string, unknown> = {}): Promise<Stage> {
  let turn = 0
  const numbered = (request: IncomingMessage, response: ServerResponse): void => {
    turn += 1
    script(request, response, turn)
  }
  // Not in the test's own directory, which is made anew with the config.
  const directory = runDirectoryOf(t)
  const store = settledStore(open(directory))
  t.teardown(() => store.close())
  const stage = await play(t, numbered, { store, more: { cache: { directory, ...more } } })
  return { ...stage, store, segments: join(directory, 'segments') }
}

export function open(directory: string): Store {
  return openStore({
    directory,
    bytesMax: 256 * mebibyte,
    hotBytesMax: 0,
    writeQueueBytesMax: mebibyte,
    diskReadsMax: 2,
    evictedReadMaxMs: 60_000,
    closeTimeoutMs: 60_000,
    workers: 1,
    log: () => {},
  })
}

/** As another worker or somebody's `rm` would; noticed at once. */
export function removeSegments({ store, segments }: Stage): void {
  for (const name of readdirSync(segments)) rmSync(join(segments, name))
  store.status()
}

/** Until all that was fetched is stored, `entries` of it, and nobody reads it on its way any more. */
export async function stored({ edge, store }: Stage, entries = 1): Promise<void> {
  await until(() => edge.counters().cacheEntries >= entries)
  await store.settled()
  await new Promise(setImmediate)
}

export function give(response: ServerResponse, fields: Record<string, string>): void {
  response.writeHead(200, { ...validator, 'Content-Length': String(body.length), ...fields }).end(body)
}
