import t from 'tap'
import { Pauses } from '../../cache/pauses.js'

t.test('find() says how it failed until its time is over', async t => {
  const pauses = new Pauses()
  t.equal(pauses.find('a', 0), undefined)
  pauses.begin('a', 'disconnected', 1_000, 50)
  pauses.begin('b', 'error', 1_000, 100)
  t.equal(pauses.find('a', 1_049), 'disconnected')
  t.equal(pauses.find('a', 1_050), undefined)
  t.equal(pauses.find('a', 1_049), undefined, 'then it is forgotten')
  t.equal(pauses.find('b', 1_050), 'error')
})

t.test('begin() of no time ends it', async t => {
  const pauses = new Pauses()
  pauses.begin('a', 'error', 0, 100)
  pauses.begin('a', 'error', 1, 0)
  t.equal(pauses.find('a', 2), undefined)
})

t.test('begin() remembers a bounded number, and forgets what failed first', async t => {
  const pauses = new Pauses()
  for (let at = 0; at < 10_000; at += 1) pauses.begin(`key ${at}`, 'error', at, 100_000)
  pauses.begin('key 0', 'error', 10_000, 100_000)
  pauses.begin('one more', 'error', 10_000, 100_000)
  t.equal(pauses.find('key 1', 10_000), undefined)
  for (const key of ['key 0', 'key 2', 'one more']) t.equal(pauses.find(key, 10_000), 'error')
})
