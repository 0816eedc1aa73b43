import t from 'tap'
import { appendAudit, findTampering } from '../../state/audit.js'
import { Database } from '../../state/database.js'

t.test('findTampering() finds an entry that was changed, and where one is missing', async t => {
  const database = new Database(t.testdir({}))
  t.teardown(() => database.close())
  const draft = { action: 'a', target: 'b', outcome: 'done', detail: { x: 1 } } as const
  for (let at = 0; at < 5; at += 1) {
    await database.commit(tables =>
      appendAudit(tables, { ...draft, actor: { id: 'x', address: '' }, nowMs: at, revisionBefore: 0 }),
    )
  }
  const { audit } = database.tables
  t.equal(findTampering({ audit }), undefined)
  const third = audit.get(3)!
  await audit.put(3, { ...third, actor: 'y' })
  t.equal(findTampering({ audit }), 3)
  await audit.put(3, third)
  t.equal(findTampering({ audit }), undefined)
  await audit.remove(2)
  t.equal(findTampering({ audit }), 3)
})

t.test('a transaction that throws leaves nothing', async t => {
  const database = new Database(t.testdir({}))
  t.teardown(() => database.close())
  await t.rejects(
    database.commit(({ meta }) => {
      meta.putSync('revision', 5)
      throw new Error('no')
    }),
    { message: 'no' },
  )
  t.equal(database.tables.meta.get('revision'), undefined)
})
