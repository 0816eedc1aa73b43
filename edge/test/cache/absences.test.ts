import t from 'tap'
import { Absences, trustedMs } from '../../cache/absences.js'
import { hashOf } from '../../shared/sketch-file.js'

const key = 'https site example.org/a'
const hash = hashOf(key)

t.test('checkedMs() says when nothing was found, while nothing has changed and for a while', async t => {
  const absences = new Absences()
  t.equal(absences.checkedMs(key, hash, 0, 1_000), -1, 'nothing is known')
  absences.note(key, hash, 7, 1_000)
  const rows: [stored: string, generation: number, nowMs: number, checkedMs: number][] = [
    [key, 7, 1_000, 1_000],
    [['https site ', 'example.org/a'].join(''), 7, 999 + trustedMs, 1_000],
    [key, 7, 1_000 + trustedMs, -1],
    [key, 7, 999, -1],
    [key, 8, 1_000, -1],
    ['https site example.org/b', 7, 1_000, -1],
  ]
  for (const [stored, generation, nowMs, checkedMs] of rows)
    t.equal(
      absences.checkedMs(stored, hash, generation, nowMs),
      checkedMs,
      `${stored} ${generation} ${nowMs}`,
    )
})

t.test(
  'the last key of a place has it; what is removed, cleared, long or being written is not kept',
  async t => {
    const absences = new Absences()
    absences.note(key, hash, 7, 1_000)
    absences.remove('https site example.org/other')
    t.equal(absences.checkedMs(key, hash, 7, 1_000), 1_000)
    absences.remove(key)
    t.equal(absences.checkedMs(key, hash, 7, 1_000), -1)
    absences.note(key, hash, 7, 1_000)
    absences.note('https site example.org/other', hash, 7, 1_000)
    t.equal(absences.checkedMs(key, hash, 7, 1_000), -1)
    absences.note(key, hash, 7, 1_000)
    absences.writing(key)
    absences.writing(key)
    t.equal(absences.checkedMs(key, hash, 7, 1_000), -1)
    absences.written(key)
    absences.note(key, hash, 7, 1_000)
    t.equal(absences.checkedMs(key, hash, 7, 1_000), -1, 'another write is under way')
    absences.written(key)
    absences.note(key, hash, 7, 1_000)
    t.equal(absences.checkedMs(key, hash, 7, 1_000), 1_000)
    absences.clear()
    t.equal(absences.checkedMs(key, hash, 7, 1_000), -1)
    const long = 'x'.repeat(513)
    absences.note(long, hashOf(long), 7, 1_000)
    t.equal(absences.checkedMs(long, hashOf(long), 7, 1_000), -1)
  },
)
