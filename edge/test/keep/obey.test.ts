import { openSync } from 'node:fs'
import t, { type Test } from 'tap'
import type { FromKeeper, ToKeeper } from '../../keep/messages.js'
import { obey } from '../../keep/obey.js'
import type { Channel } from '../../supervise/channel.js'
import { createLogger } from '../../usage/logger.js'
import { needsAddon, runDirectoryOf } from '../shared/support/ground.js'
import { configUnder } from '../support/supervise-config.js'
import { until } from '../support/supervise-until.js'

function obeying(t: Test, cacheDirectory = `${t.testdir({ cache: { segments: {} } })}/cache`) {
  const said: FromKeeper[] = []
  const exits: number[] = []
  const heard = { tell: (_: ToKeeper) => {}, leave: () => {}, fatal: (_: unknown) => {} }
  const channel: Channel<FromKeeper, ToKeeper> = {
    send: (message, done) => {
      said.push(message)
      if (done) setImmediate(done)
    },
    onMessage: handler => {
      heard.tell = handler
    },
    onLeave: handler => {
      heard.leave = handler
    },
    onFatal: handler => {
      heard.fatal = handler
    },
    exit: code => void exits.push(code),
  }
  obey(channel, () =>
    createLogger({ level: 'info', bufferBytesMax: 1e5, destination: openSync('/dev/null', 'a') }),
  )
  const run = { directory: runDirectoryOf(t) }
  const config = configUnder(cacheDirectory, {
    run,
    cache: { directory: cacheDirectory, bytesMax: '16MiB' },
  })
  const keep: ToKeeper = { type: 'keep', config, workers: 1 }
  const exited = () => until(() => exits[0])
  return { said, exits, heard, keep, exited }
}

t.test('obey() keeps, reports, and leaves when told', needsAddon, async t => {
  const { said, heard, keep, exited } = obeying(t)
  heard.tell(keep)
  await until(() => said.find(message => message.type === 'report' && message.report.segments !== null))
  heard.tell({ type: 'leave' })
  heard.leave()
  t.equal(await exited(), 0)
  t.match(said.at(-1), { type: 'report', report: { state: 'keeping', residentBytes: Number } })
})

t.test('obey() leaves when the supervisor is gone, also before it began', needsAddon, async t => {
  const { said, heard, exited } = obeying(t)
  heard.leave()
  t.equal(await exited(), 0)
  t.strictSame(said, [])
})

t.test('obey() says why it cannot keep, and exits', needsAddon, async t => {
  const { said, heard, keep, exited } = obeying(t, '/nowhere/cache')
  heard.tell(keep)
  t.equal(await exited(), 1)
  t.match(said, [{ type: 'failed', code: 'keeper-failed', message: /ENOENT/ }])
})

t.test('obey() exits 1 when what must not happen happened', needsAddon, async t => {
  const { exits, heard, keep, said } = obeying(t)
  heard.tell(keep)
  await until(() => said[0])
  heard.fatal(new Error('impossible'))
  t.strictSame(exits, [1])
  heard.leave()
  await until(() => exits[1])
})

t.test('obey() purges and counts as it is told, and refuses what it cannot', needsAddon, async t => {
  const { said, heard, keep, exited } = obeying(t)
  heard.tell(keep)
  await until(() => said.find(message => message.type === 'report' && message.report.segments !== null))
  const rule = { kind: 'site', site: 'first', item: '', isSoft: false, atMs: 1 } as const
  const ask = (id: number, more = {}) =>
    heard.tell({ type: 'purge', id, rules: [rule], isDryRun: false, ...more })
  const answer = (id: number) => until(() => said.find(message => 'id' in message && message.id === id))
  ask(1)
  t.match(await answer(1), { type: 'purged', sequence: 1 })
  ask(2, { isDryRun: true })
  t.match(await answer(2), { type: 'counted', counted: { entries: 0, isComplete: true } })
  ask(3, { rules: [{ ...rule, kind: 'url', item: undefined }] })
  t.match(await answer(3), { type: 'refused', code: 'purge-failed', status: 503 })
  ask(4, { rules: undefined, isDryRun: true })
  t.match(await answer(4), { type: 'refused', code: 'keeper-failed', status: 503 })
  heard.tell({ type: 'leave' })
  t.equal(await exited(), 0)
})
