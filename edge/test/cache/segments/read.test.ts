import { closeSync, openSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import type { PlaceSoFar } from '../../../cache/segments/place.js'
import { readCached, readWaiting } from '../../../cache/segments/read.js'

/** A file of 26 letters; `abc`, `xyz` and `m` of it are the body. */
function bodyIn(t: Test): { fd: number; place: PlaceSoFar } {
  const path = `${t.testdir()}/letters`
  writeFileSync(path, 'abcdefghijklmnopqrstuvwxyz')
  const fd = openSync(path, 'r')
  t.teardown(() => closeSync(fd))
  return {
    fd,
    place: {
      segment: 1,
      extents: [
        [0, 3],
        [23, 3],
        [12, 1],
      ],
      bytes: 7,
    },
  }
}

const cases: [from: number, room: number, text: string][] = [
  [0, 7, 'abcxyzm'],
  [0, 100, 'abcxyzm'],
  [0, 3, 'abc'],
  [0, 4, 'abcx'],
  [2, 3, 'cxy'],
  [3, 3, 'xyz'],
  [5, 9, 'zm'],
  [6, 1, 'm'],
  [7, 5, ''],
  [3, 0, ''],
]

t.test('readCached() and readWaiting() read across extents', async t => {
  const { fd, place } = bodyIn(t)
  for (const [from, room, text] of cases) {
    for (const read of [readCached, readWaiting]) {
      const into = Buffer.alloc(room, '.')
      t.equal(await read(fd, place, from, into), text.length, `${read.name} ${from} ${room}`)
      t.equal(into.toString(), text.padEnd(room, '.'))
    }
  }
})

t.test('a file that was cut, and extents that are too short, end the body early', async t => {
  const { fd } = bodyIn(t)
  const cut: PlaceSoFar = {
    segment: 1,
    extents: [
      [24, 5],
      [0, 2],
    ],
    bytes: 7,
  }
  const beyond: PlaceSoFar = { segment: 1, extents: [[2 ** 47, 5]], bytes: 5 }
  const short: PlaceSoFar = { segment: 1, extents: [[0, 2]], bytes: 4 }
  for (const read of [readCached, readWaiting]) {
    const into = Buffer.alloc(10)
    t.equal(await read(fd, cut, 0, into), 2, read.name)
    t.equal(await read(fd, cut, 2, into), undefined)
    t.equal(await read(fd, beyond, 0, into), undefined)
    t.equal(await read(fd, short, 0, into), 2)
    t.equal(await read(fd, short, 2, into), undefined)
  }
})
