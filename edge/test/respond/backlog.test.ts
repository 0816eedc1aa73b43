import t from 'tap'
import { Backlog, type StalledBytes } from '../../respond/backlog.js'

function backlogOf(max: number): { backlog: Backlog; stalled: StalledBytes } {
  const stalled = { used: 0, max, broken: 0 }
  return { backlog: new Backlog(stalled), stalled }
}

t.test('Backlog gives the chunks back in their order', async t => {
  const { backlog, stalled } = backlogOf(10)
  t.ok(backlog.isEmpty)
  t.ok(backlog.add(Buffer.from('abc')))
  t.ok(backlog.add(Buffer.from('de')))
  t.equal(stalled.used, 5)
  const given: string[] = []
  const leaveSome = (chunk: Uint8Array): Uint8Array | undefined => {
    given.push(String(chunk))
    return chunk.length > 2 ? chunk.subarray(2) : undefined
  }
  t.notOk(backlog.drain(leaveSome))
  t.equal(stalled.used, 3)
  t.ok(backlog.drain(leaveSome))
  t.strictSame(given, ['abc', 'c', 'de'])
  t.ok(backlog.isEmpty)
  t.equal(stalled.used, 0)
})

t.test('Backlog refuses what the budget of all answers does not allow, and counts it', async t => {
  const { backlog, stalled } = backlogOf(10)
  const other = new Backlog(stalled)
  t.ok(other.add(Buffer.alloc(6)))
  t.notOk(backlog.add(Buffer.alloc(5)))
  t.ok(backlog.isEmpty)
  t.match(stalled, { used: 6, broken: 1 })
  t.ok(backlog.add(Buffer.alloc(4)), 'the budget may be used up')
  other.clear()
  t.equal(stalled.used, 4)
})

t.test('Backlog.clear() gives all bytes back, once', async t => {
  const { backlog, stalled } = backlogOf(10)
  backlog.add(Buffer.alloc(7))
  backlog.clear()
  backlog.clear()
  t.equal(stalled.used, 0)
  t.ok(backlog.isEmpty)
})

t.test('Backlog keeps an empty chunk: it says that the engine is behind', async t => {
  const { backlog } = backlogOf(10)
  t.ok(backlog.add(Buffer.alloc(0)))
  t.notOk(backlog.isEmpty)
})
