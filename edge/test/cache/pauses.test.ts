import t from 'tap'
import { Pauses } from '../../cache/pauses.js'

t.test('find() says how it failed, when it did so five times, until its time is over', async t => {
  const pauses = new Pauses()
  for (let count = 1; count <= 5; count += 1) {
    t.equal(pauses.find('a', 1_000 + count), undefined, `${count - 1} failures`)
    pauses.note('a', count === 5 ? 'disconnected' : 'error', 1_000 + count, 50)
  }
  t.equal(pauses.find('a', 1_054), 'disconnected')
  t.equal(pauses.find('a', 1_055), undefined)
  t.equal(pauses.find('b', 1_010), undefined, 'another key')
  pauses.note('a', 'error', 1_060, 50)
  t.equal(pauses.find('a', 1_109), 'error', 'who asks then finds out for all others')
})

t.test('failures of long ago do not count, and 0 is no pause', async t => {
  const pauses = new Pauses()
  for (let count = 0; count < 4; count += 1) pauses.note('a', 'error', 0, 50)
  pauses.note('a', 'error', 60_001, 50)
  t.equal(pauses.find('a', 60_002), undefined)
  for (let count = 0; count < 9; count += 1) pauses.note('b', 'error', 0, 0)
  t.equal(pauses.find('b', 0), undefined)
})

t.test('note() remembers a bounded number, and forgets what failed first', async t => {
  const pauses = new Pauses()
  const fail = (key: string, nowMs: number): void => {
    for (let count = 0; count < 5; count += 1) pauses.note(key, 'error', nowMs, 100_000)
  }
  for (let at = 0; at < 10_000; at += 1) fail(`key ${at}`, at)
  fail('key 0', 10_000)
  fail('one more', 10_000)
  t.equal(pauses.find('key 1', 10_000), undefined)
  for (const key of ['key 0', 'key 2', 'one more']) t.equal(pauses.find(key, 10_000), 'error')
})
