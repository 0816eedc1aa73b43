import t from 'tap'
import { isPlain } from '../plain.js'

t.test('isPlain() holds for objects that are no lists', async t => {
  for (const value of [{}, { a: 1 }, Object.create(null)]) t.equal(isPlain(value), true)
  for (const value of [null, undefined, [], 'a', 1, () => 1]) t.equal(isPlain(value), false)
})
