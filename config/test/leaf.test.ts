import t from 'tap'
import { bytes, countOrAuto, time } from '../leaf.js'

t.test('bytes() and time() keep what is written as integers', async t => {
  t.match(bytes('1KiB', ['0B', '1MiB'], 'why'), {
    default: 1024,
    minimum: 0,
    maximum: 1_048_576,
    unit: 'bytes',
  })
  t.match(time('1s', ['1ms', '1h'], 'why'), { default: 1000, minimum: 1, maximum: 3_600_000 })
  t.match(countOrAuto([1, 4], 'why'), { default: 'auto', minimum: 1, maximum: 4 })
})

t.test('bytes() and time() throw on a mistake in the table itself', async t => {
  t.throws(() => bytes('1 potato', ['0B', '1MiB'], 'why'), /1 potato is not a quantity/)
  t.throws(() => time('1s', ['1ms', '1KiB'], 'why'), /1KiB is not a quantity/)
})
