import { readdirSync } from 'node:fs'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { Spool, type SpoolBudget } from '../../accept/spool.js'

function spoolOf(t: Test, max = 1_000): { spool: Spool; budget: SpoolBudget } {
  const budget = { directory: t.testdir({}), used: 0, max }
  return { spool: new Spool(budget), budget }
}

function readFrom(spool: Spool, bytesMax: number): Promise<Buffer> {
  return promisify((done: (error: Error | null, chunk: Buffer) => void) =>
    spool.read(bytesMax, (error, chunk) => done(error ?? null, chunk)),
  )()
}

t.test('Spool gives back in order what was appended, and leaves no file', async t => {
  const { spool, budget } = spoolOf(t)
  t.strictSame(readdirSync(budget.directory), [], 'unlinked at once')
  t.ok(spool.isEmpty)
  spool.append(Buffer.from('abc'))
  spool.append(Buffer.from('def'))
  t.equal(spool.waitingBytes, 6)
  t.equal(String(await readFrom(spool, 4)), 'abcd')
  t.equal(spool.waitingBytes, 2)
  spool.append(Buffer.from('g'))
  t.equal(String(await readFrom(spool, 4)), 'efg')
  t.ok(spool.isEmpty)
  spool.close()
})

t.test('Spool starts its file again when all is taken', async t => {
  const { spool, budget } = spoolOf(t, 10)
  for (let round = 0; round < 5; round += 1) {
    spool.append(Buffer.alloc(8, round))
    t.equal(budget.used, 8)
    t.strictSame(await readFrom(spool, 100), Buffer.alloc(8, round))
    t.equal(budget.used, 0)
  }
  spool.close()
})

t.test('append() refuses what the budget does not allow, and keeps what it has', async t => {
  const { spool, budget } = spoolOf(t, 10)
  spool.append(Buffer.alloc(10, 'a'))
  t.throws(() => spool.append(Buffer.alloc(1)), { code: 'spool-full', status: 503, source: 'edge' })
  t.equal(budget.used, 10)
  t.equal(String(await readFrom(spool, 100)), 'a'.repeat(10))
  spool.close()
})

t.test('close() gives the bytes back, once', async t => {
  const { spool, budget } = spoolOf(t)
  const other = new Spool(budget)
  other.append(Buffer.alloc(3))
  spool.append(Buffer.alloc(5))
  spool.close()
  spool.close()
  t.equal(budget.used, 3)
  other.close()
  t.equal(budget.used, 0)
})

t.test('Spool says what the file system says', async t => {
  t.throws(() => new Spool({ directory: `${t.testdir({})}/absent`, used: 0, max: 10 }), { code: 'ENOENT' })
})

t.test('read() tells of a file that is shorter than what was written', async t => {
  const { spool, budget } = spoolOf(t)
  spool.append(Buffer.alloc(0))
  await t.rejects(readFrom(spool, 10), /shorter/)
  spool.close()
  t.equal(budget.used, 0)
})
