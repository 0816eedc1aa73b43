import t from 'tap'
import { differences } from '../differences.js'

t.test('differences() names places, and what was and is there', async t => {
  const before = { a: 1, b: { c: [1, 2], 'd/e~': 'x' }, gone: null }
  const after = { a: 2, b: { c: [2, 1], 'd/e~': 'y' }, come: {} }
  t.strictSame(differences(before, after), [
    { pointer: '/a', before: 1, after: 2 },
    { pointer: '/b/c', before: [1, 2], after: [2, 1] },
    { pointer: '/b/d~1e~0', before: 'x', after: 'y' },
    { pointer: '/come', after: {} },
    { pointer: '/gone', before: null },
  ])
  t.strictSame(differences(before, structuredClone(before)), [])
  t.strictSame(differences({}, []), [{ pointer: '', before: {}, after: [] }])
})
