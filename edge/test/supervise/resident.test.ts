import t from 'tap'
import { residentBytes } from '../../supervise/resident.js'

t.test('residentBytes() is the last known when no descriptor is free', async t => {
  const known = residentBytes()
  t.ok(known > 1_000_000)
  for (const code of ['EMFILE', 'ENFILE']) {
    t.intercept(process.memoryUsage, 'rss', {
      value: () => {
        throw Object.assign(new Error('too many open files'), { code })
      },
    })
    t.equal(residentBytes(), known, code)
  }
})

t.test('residentBytes() throws what must not happen', async t => {
  t.intercept(process.memoryUsage, 'rss', {
    value: () => {
      throw new Error('no memory')
    },
  })
  t.throws(() => residentBytes(), { message: 'no memory' })
})
