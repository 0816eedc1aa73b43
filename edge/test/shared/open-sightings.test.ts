import { readdirSync } from 'node:fs'
import t from 'tap'
import { openSightings, Sightings } from '../../shared/open-sightings.js'
import { SketchFile } from '../../shared/sketch-file.js'
import { needsAddon } from './support/ground.js'

function sightingsOf(counters: number): Sightings {
  return new Sightings(new SketchFile(new ArrayBuffer(64 + 2 * counters), counters, () => {}))
}

t.test('a key is counted each time, others do not count', async t => {
  const seen = sightingsOf(2 ** 16)
  t.strictSame(
    [1, 2, 3].map(() => seen.note('http a a.example/x')),
    [0, 1, 2],
  )
  t.equal(seen.note('http a a.example/y'), 0)
  for (let at = 0; at < 400; at += 1) seen.note('often')
  t.equal(seen.note('often'), 255)
})

t.test('few new keys seem known, and what was long ago is forgotten', async t => {
  const counters = 2 ** 16
  const seen = sightingsOf(counters)
  seen.note('first')
  const keysMax = counters / 8
  let known = 0
  for (let at = 0; at < keysMax - 2; at += 1) known += seen.note(`new ${at}`) > 0 ? 1 : 0
  t.ok(known < keysMax * 0.05, `${known} of ${keysMax}`)
  t.equal(seen.note('first'), 1)
  // Into the next half: the first is remembered still.
  for (let at = 0; at < keysMax / 2; at += 1) seen.note(`newer ${at}`)
  t.equal(seen.note('first') >= 2, true)
  for (let at = 0; at < 4 * keysMax; at += 1) seen.note(`newest ${at}`)
  t.equal(seen.note('first'), 0)
})

t.test('workers share what they count; another size begins anew', needsAddon, async t => {
  const directory = t.testdir()
  const one = openSightings(directory, 2 ** 24)
  const other = openSightings(directory, 2 ** 24)
  t.equal(one.note('k'), 0)
  t.equal(other.note('k'), 1)
  one.close()
  const larger = openSightings(directory, 2 ** 30)
  t.equal(larger.note('k'), 0)
  t.equal(other.note('k'), 2)
  t.strictSame(
    readdirSync(directory).filter(name => name.startsWith('seen')),
    ['seen-v1-18'],
  )
  for (const sightings of [other, larger]) sightings.close()
})

t.test('what was counted before the machine started is forgotten without a word', needsAddon, async t => {
  const directory = t.testdir()
  const before = openSightings(directory, 2 ** 24, '1'.repeat(32))
  before.note('k')
  before.close()
  const after = openSightings(directory, 2 ** 24, '2'.repeat(32))
  t.equal(after.note('k'), 0)
  after.close()
})
