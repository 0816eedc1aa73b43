import t from 'tap'
import { behaviours, contentOf, isPiece, piece, targetOf } from '../../torture/content.js'
import { randomFrom } from '../../torture/random.js'

t.test('a body follows from its target and version, wherever it is cut', async t => {
  const whole = Buffer.concat([0, 60_000, 120_000].map(at => piece('/a', '1', at, 60_000)))
  t.ok(isPiece(whole, '/a', '1', 0))
  t.ok(isPiece(whole.subarray(777, 150_000), '/a', '1', 777))
  for (const [target, version, from] of [
    ['/a', '2', 0],
    ['/b', '1', 0],
    ['/a', '1', 1],
  ] as const) {
    t.notOk(isPiece(whole, target, version, from))
  }
  whole[179_999] ^= 1
  t.notOk(isPiece(whole, '/a', '1', 0))
})

t.test('targets say what they are, in all behaviours and sizes', async t => {
  const all = Array.from({ length: 200 }, (_, number) => contentOf(targetOf(number, 't')))
  t.strictSame(new Set(all.map(({ behaviour }) => behaviour)), new Set(behaviours))
  t.ok(all.some(({ bytes }) => bytes === 0) && all.some(({ bytes }) => bytes === 8_388_608))
  t.equal(new Set(all.map(({ target }) => target)).size, 200)
})

t.test('the same seed gives the same numbers', async t => {
  const [a, b, c] = [randomFrom(7), randomFrom(7), randomFrom(8)]
  const numbers = (random: typeof a) => Array.from({ length: 100 }, () => random.whole(1_000))
  const of = numbers(a)
  t.strictSame(of, numbers(b))
  t.notSame(of, numbers(c))
  t.ok(of.every(number => number >= 0 && number < 1_000) && new Set(of).size > 50)
})
