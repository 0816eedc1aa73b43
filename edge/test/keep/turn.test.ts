import { closeSync, openSync } from 'node:fs'
import t from 'tap'
import { lock } from '../../../native/index.js'
import { keeperLock, takeTurn } from '../../keep/turn.js'
import { needsAddon } from '../shared/support/ground.js'
import { until } from '../support/play.js'

function turnOf(cacheDirectory: string) {
  const stop = new AbortController()
  const noted = { waits: 0, stop }
  const turn = takeTurn({
    cacheDirectory,
    onWait: () => {
      noted.waits += 1
    },
    signal: stop.signal,
  })
  return { noted, turn }
}

t.test('takeTurn(): one has it, the other waits and is told so once, then has it', needsAddon, async t => {
  const directory = t.testdir()
  const first = turnOf(directory)
  const held = (await first.turn)!
  t.equal(held.state, 'exclusive')
  t.equal(first.noted.waits, 0)
  const second = turnOf(directory)
  await until(() => second.noted.waits === 1)
  t.equal(lock(keeperLock(directory), 'shared'), undefined)
  held.release()
  const followed = (await second.turn)!
  t.equal(followed.state, 'exclusive')
  t.equal(second.noted.waits, 1)
  followed.release()
})

t.test('takeTurn() gives up when it is told to, also before it began', needsAddon, async t => {
  const directory = t.testdir()
  const held = lock(keeperLock(directory), 'exclusive')!
  const waiting = turnOf(directory)
  await until(() => waiting.noted.waits === 1)
  waiting.noted.stop.abort()
  t.equal(await waiting.turn, undefined)
  held.release()
  t.equal(
    await takeTurn({ cacheDirectory: directory, onWait: () => {}, signal: AbortSignal.abort() }),
    undefined,
  )
})

t.test('takeTurn() rejects with what the directory says', needsAddon, async t => {
  await t.rejects(turnOf(`${t.testdir()}/none`).turn, { code: 'ENOENT' })
  const file = `${t.testdir()}/file`
  closeSync(openSync(file, 'w'))
  await t.rejects(turnOf(file).turn, { code: 'ENOTDIR' })
})
