// What a measurement is run with in a test: a little of everything, in a short directory, without servers.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { Context, Scale } from '../../host/measurement.js'
import { serveCounted } from '../../host/origin.js'
import type { PeerKind } from '../../peers/peer.js'
import { Processes } from '../../processes.js'
import { withoutCoverage } from '../support/run.js'
import { listenOn } from '../support/servers.js'

const LITTLE: Scale = {
  clients: 20,
  readers: 5,
  objectBytes: 2 ** 21,
  seconds: 1,
  photographs: 2,
  bodies: 1,
  wakeUps: 1,
  connections: 20,
  rounds: 1,
  entries: 100,
}

/** The same with an origin in this process. */
export async function contextWithOrigin(
  t: Test,
  scale: Partial<Scale>,
  kinds: readonly PeerKind[],
): Promise<Context> {
  const server = serveCounted()
  const originUrl = `http://127.0.0.1:${await listenOn(t, server)}`
  t.teardown(() => server.closeAllConnections())
  return { ...contextOf(t, scale, kinds), originUrl }
}

export function contextOf(t: Test, scale: Partial<Scale>, kinds: readonly PeerKind[] = []): Context {
  const processes = new Processes()
  withoutCoverage(t)
  // A socket's path may be no longer than 107 bytes, which a directory of tap's could pass.
  const directory = mkdtempSync(join(tmpdir(), 'naij-host-'))
  t.teardown(async () => {
    await processes.stopAll()
    rmSync(directory, { recursive: true, force: true })
  })
  return { processes, kinds, directory, scale: { ...LITTLE, ...scale } }
}
