// Loads uWebSockets.js the way this process needs it. The limit of a request head is read by the engine when it is
// loaded, and its mark in every answer is switched off per thread.

import type { AppOptions, TemplatedApp } from 'uWebSockets.js'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { headScanner, openReplay, type ReplayMemory } from '../../native/index.js'
import { KnownHeads } from './known-heads.js'

export interface Engine {
  App(): TemplatedApp
  /** Throws when a file of the certificate is not to its liking. */
  SSLApp(options: AppOptions): TemplatedApp
  us_listen_socket_close(token: object): void
  us_socket_local_port(token: object): number
  /** Port and options; 0 shares the port with other processes (SO_REUSEPORT). */
  _cfg(word: string): void
}

let engine: Engine | undefined
let heads: KnownHeads | undefined | 'unknown' = 'unknown'

/** The first call in a process decides about `headBytesMax`. Throws when the binary does not load here. */
export function loadEngine(headBytesMax: number): Engine {
  if (engine === undefined) {
    process.env.UWS_HTTP_MAX_HEADERS_SIZE = String(headBytesMax)
    engine = createRequire(import.meta.url)('uWebSockets.js') as Engine
    engine._cfg('silent')
  }
  return engine
}

/** The one reader of plain heads in this process; undefined where there can be none. */
export function knownHeads(): KnownHeads | undefined {
  if (heads === 'unknown') {
    const scanner = headScanner(engineDirectory())
    heads = scanner && new KnownHeads(scanner)
  }
  return heads
}

function engineDirectory(): string {
  return dirname(createRequire(import.meta.url).resolve('uWebSockets.js'))
}

/** What the engine closes an idle connection after. */
const idleSeconds = 10

/** See `openReplay`; with the engine, which is loaded if it was not. */
export function replayMemory(
  headBytesMax: number,
  limits: { answersMax: number; unsentBytesMax: number },
): ReplayMemory | undefined {
  loadEngine(headBytesMax)
  return openReplay(engineDirectory(), { ...limits, idleSeconds, headBytesMax })
}
