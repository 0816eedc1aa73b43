import t from 'tap'
import { Marks, openMarks } from '../../shared/open-marks.js'
import { hashOf, SketchFile } from '../../shared/sketch-file.js'
import { needsAddon } from './support/ground.js'

t.test('what is marked stays so for one turn more', async t => {
  const marks = new Marks(new SketchFile(new ArrayBuffer(64 + 2 * 2 ** 16), 2 ** 16, () => {}))
  const [used, unused] = [hashOf('used'), hashOf('unused')]
  marks.mark(used)
  t.strictSame([marks.isMarked(used), marks.isMarked(unused)], [true, false])
  const turn = marks.turn()
  marks.forgetOlder()
  t.not(marks.turn(), turn)
  t.equal(marks.isMarked(used), true)
  marks.forgetOlder()
  t.equal(marks.isMarked(used), false)
})

t.test('workers share their marks', needsAddon, async t => {
  const directory = t.testdir()
  const [one, other] = [openMarks(directory, 2 ** 24), openMarks(directory, 2 ** 24)]
  one.mark(hashOf('k'))
  t.equal(other.isMarked(hashOf('k')), true)
  for (const marks of [one, other]) marks.close()
})
