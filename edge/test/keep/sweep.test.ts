import { readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { ownerOfFile, sweepRun } from '../../keep/sweep.js'
import { runDirectoryOf } from '../shared/support/ground.js'

const hourMs = 3_600_000

/** Written an hour ago. */
function leave(directory: string, ...names: string[]): void {
  const atSeconds = (Date.now() - hourMs) / 1_000
  for (const name of names) {
    writeFileSync(join(directory, name), '')
    utimesSync(join(directory, name), atSeconds, atSeconds)
  }
}

/** A worker that listens under this name since an hour. */
async function live(t: Test, directory: string, name: string): Promise<void> {
  const server = createServer(socket => socket.destroy())
  await new Promise<void>(resolve => server.listen(join(directory, name), resolve))
  t.teardown(() => server.close())
  const atSeconds = (Date.now() - hourMs) / 1_000
  utimesSync(join(directory, name), atSeconds, atSeconds)
}

t.test('ownerOfFile() knows sockets and logs of workers, and nothing else', async t => {
  const socket = 'mesh-0badcafe-12'
  for (const name of [socket, `${socket}.new`, 'fill-0badcafe-12-8191-3']) {
    t.strictSame(ownerOfFile(name), { socket }, name)
  }
  for (const name of [
    'edge.sock',
    'ground.lock',
    'purge-v1',
    'zones-0badcafe-00112233445566778899aabbccddeeff',
    'mesh-0badcafe-',
    'mesh-0badcafe-1x',
    'mesh-badcafe-1',
    'fill-0badcafe-12-1-2-3',
    'x-mesh-0badcafe-1',
  ]) {
    t.equal(ownerOfFile(name), undefined, name)
  }
})

t.test('sweepRun() removes what dead workers left, and nothing of the living or of others', async t => {
  const directory = runDirectoryOf(t)
  const ofLiving = ['fill-0badcafe-1-7-1', 'mesh-0badcafe-1']
  await live(t, directory, 'mesh-0badcafe-1')
  const ofOthers = ['edge.sock', 'ground.lock', 'purge-v1']
  leave(directory, 'fill-0badcafe-1-7-1', ...ofOthers)
  // Of the same number in another layout, of one whose socket is there, of one whose socket is not.
  leave(directory, 'fill-00000000-1-7-1', 'mesh-0badcafe-2', 'fill-0badcafe-2-8-1', 'mesh-0badcafe-3.new')
  t.equal(await sweepRun(directory, Date.now()), 4)
  t.strictSame(readdirSync(directory).sort(), [...ofLiving, ...ofOthers].sort())
  t.equal(await sweepRun(directory, Date.now()), 0)
})

t.test('sweepRun() leaves alone what is younger than a minute', async t => {
  const directory = runDirectoryOf(t)
  writeFileSync(join(directory, 'fill-0badcafe-2-8-1'), '')
  t.equal(await sweepRun(directory, Date.now() + 50_000), 0)
  t.equal(await sweepRun(directory, Date.now() + 70_000), 1)
  await t.rejects(sweepRun(`${directory}/none`, Date.now()), { code: 'ENOENT' })
})
