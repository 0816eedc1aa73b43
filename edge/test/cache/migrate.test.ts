import { writeFileSync } from 'node:fs'
import t from 'tap'
import { currentFormat, noteFormat, olderFormat } from '../../cache/format.js'
import { migrate } from '../../cache/migrate.js'
import { draftRecord, fillIndex, indexBytes, indexOf, keysOf } from '../support/purged-index.js'
import { inThirdLayout } from '../support/third-layout.js'

t.test('what another format is, and what to do about it', async t => {
  const empty = t.testdir({ cache: {} })
  const directory = `${empty}/cache`
  t.equal(olderFormat(directory), 0)
  t.equal(noteFormat(directory), undefined)
  t.equal(olderFormat(directory), undefined)
  writeFileSync(`${directory}/format.json`, JSON.stringify({ format: currentFormat + 1 }))
  t.throws(() => olderFormat(directory), {
    code: 'cache-newer',
    message: /cache\.directory: .* newer version \(format 5, this one reads up to 4\)/,
  })
  for (const text of ['', '{', '{"format":"x"}', 'null']) {
    writeFileSync(`${directory}/format.json`, text)
    t.throws(() => olderFormat(directory), { code: 'cache-format', message: /does not say a format/ }, text)
  }
})

t.test('an index of before there were formats is brought forward, once', async t => {
  const directory = t.testdir()
  const keys = Array.from({ length: 2_500 }, (_, at) => `http play a.example/${at}`)
  await fillIndex(
    t,
    directory,
    keys.map(key => ({ key })),
  )
  t.equal(olderFormat(directory), 3)
  const { index, databases } = await indexOf(t, [], directory)
  databases.root.transactionSync(() => {
    for (const key of keys.slice(10)) {
      const stampMs = databases.entries.getEntry(key)!.version!
      const old = inThirdLayout(draftRecord({ key }).record, key)
      if (key.endsWith('99')) old[70] ^= 1
      databases.entries.putSync(key, old, stampMs)
    }
  })
  await index.close()
  // Ten are of this layout: whoever was killed had come so far.
  t.strictSame(await migrate(directory, indexBytes), { entries: 2_465, dropped: 25 })
  t.strictSame(await migrate(directory, indexBytes), { entries: 0, dropped: 0 })
  const { databases: after } = await indexOf(t, [], directory)
  t.equal(keysOf(after).length, 2_475)
  t.equal([...after.order.getKeys({ start: '' })].length, 2_475)
})
