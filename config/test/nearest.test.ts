import t from 'tap'
import { editDistance, nearest } from '../nearest.js'

t.test('editDistance() counts inserted, removed and replaced letters', async t => {
  const cases: [string, string, number][] = [
    ['', '', 0],
    ['', 'abc', 3],
    ['abc', '', 3],
    ['listen', 'lisen', 1],
    ['kitten', 'sitting', 3],
  ]
  for (const [from, to, distance] of cases) t.equal(editDistance(from, to), distance, `${from} ${to}`)
})

t.test('nearest() names a word only when it is near', async t => {
  const known = ['listen', 'workers', 'cache', 'bytesMax']
  const cases: [string, string | undefined][] = [
    ['lisen', 'listen'],
    ['Listen', 'listen'],
    ['worker', 'workers'],
    ['bytes_max', 'bytesMax'],
    ['cahce', 'cache'],
    ['x', undefined],
    ['tls', undefined],
    ['', undefined],
    ['listen'.padEnd(65, 'n'), undefined],
  ]
  for (const [word, found] of cases) t.equal(nearest(word, known), found, word)
})
