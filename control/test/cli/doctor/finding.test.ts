import t from 'tap'
import { about, findingsText, isTrouble } from '../../../cli/doctor/finding.js'

t.test('findingsText() is a line each, by group, without what moves the cursor', async t => {
  const first = about('kernel.a', 'it is slow')
  const text = findingsText([
    first.ok('1'),
    about('disk.longer', 'it is full').bad('no\x1broom', 'cache.bytesMax lower'),
    about('kernel.b', 'it is odd').note('2'),
  ])
  t.equal(
    text,
    `kernel
  ok    a       1
  note  b       2 | it is odd

disk
  bad   longer  no?room | it is full | cache.bytesMax lower

1 ok, 1 note, 0 warn, 1 bad
`,
  )
})

t.test('isTrouble() is true of what is to be changed', async t => {
  const say = about('a.b', 'c')
  t.strictSame([say.ok(''), say.note(''), say.warn('', ''), say.bad('', '')].map(isTrouble), [
    false,
    false,
    true,
    true,
  ])
})
