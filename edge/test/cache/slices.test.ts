import t from 'tap'
import {
  blockIndex,
  blockKey,
  blockRange,
  decodeSlices,
  encodeSlices,
  isBeyondSlices,
  newSliceMap,
  partKey,
} from '../../cache/slices.js'

t.test('what encodeSlices() writes decodeSlices() reads, and nothing else', async t => {
  const map = newSliceMap(10 * 2 ** 30, 2 ** 20)
  const encoded = encodeSlices(map)
  t.strictSame(decodeSlices(encoded), map)
  t.equal(decodeSlices(encoded.subarray(1)), undefined)
  t.equal(decodeSlices(Buffer.alloc(encoded.length)), undefined)
  t.not(newSliceMap(1, 1).id, map.id)
  t.equal(isBeyondSlices(2 ** 48), true)
  t.equal(isBeyondSlices(2 ** 48 - 1), false)
})

t.test('blocks cover an object without gaps, the last one as far as it goes', async t => {
  const map = newSliceMap(25, 10)
  t.strictSame(
    [0, 1, 2].map(index => blockRange(map, index)),
    [
      { first: 0, last: 9 },
      { first: 10, last: 19 },
      { first: 20, last: 24 },
    ],
  )
  t.strictSame(
    [0, 9, 10, 24].map(at => blockIndex(map, at)),
    [0, 0, 1, 2],
  )
})

t.test('keys of blocks differ by state and number, and begin with that of the URL', async t => {
  const [one, other] = [newSliceMap(25, 10), newSliceMap(25, 10)]
  const keys = [blockKey('k', one, 0), blockKey('k', one, 1), blockKey('k', other, 0), partKey('k')]
  t.equal(new Set(keys).size, 4)
  t.ok(keys.every(key => key.startsWith('k\n:')))
})
