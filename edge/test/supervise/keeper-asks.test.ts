import t from 'tap'
import type { ToKeeper } from '../../keep/messages.js'
import { KeeperAsks } from '../../supervise/keeper-asks.js'

t.test('KeeperAsks gives each answer to who asked, and refusals as errors', async t => {
  const asks = new KeeperAsks()
  const sent: ToKeeper[] = []
  const send = (question: ToKeeper) => void sent.push(question)
  const first = asks.ask([], false, 60_000, send)
  const second = asks.ask([], true, 60_000, send)
  t.match(sent, [
    { type: 'purge', id: 1, isDryRun: false },
    { type: 'purge', id: 2, isDryRun: true },
  ])
  asks.answered({ type: 'refused', id: 2, code: 'purge-rules-max', message: 'no', status: 429 })
  asks.answered({ type: 'purged', id: 1, sequence: 5 })
  t.match(await first, { sequence: 5 })
  await t.rejects(second, { code: 'purge-rules-max', status: 429 })
  asks.answered({ type: 'purged', id: 1, sequence: 6 })
  asks.answered({ type: 'refused', id: 1, code: '', message: '', status: 503 })
})

t.test('KeeperAsks tells the next keeper what is not answered, and gives up', async t => {
  const asks = new KeeperAsks()
  const sent: ToKeeper[] = []
  const waiting = asks.ask([], false, 60_000, undefined)
  asks.repeat(question => void sent.push(question))
  t.match(sent, [{ id: 1 }])
  asks.giveUp('the edge is stopping')
  await t.rejects(waiting, { code: 'no-keeper', status: 503, message: /stopping/ })
  await t.rejects(asks.ask([], false, 1, undefined), { code: 'keeper-timeout', status: 503 })
  const many = Array.from({ length: 1_001 }, () => asks.ask([], false, 60_000, undefined))
  const outcomes = Promise.allSettled(many)
  asks.giveUp('done')
  t.match((await outcomes).at(-1), { reason: { code: 'keeper-busy' } })
})
