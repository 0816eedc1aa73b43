import t from 'tap'
import { objectBytes } from '../../mixed-objects.js'
import { soakHabits, soakTarget } from '../../soak/habits.js'
import { contentOf } from '../../torture/content.js'
import { randomFrom } from '../../torture/random.js'

t.test('a soak asks for popular things mostly, and sometimes for something new', async t => {
  const random = randomFrom(1)
  const habits = soakHabits(5)
  const asked = Array.from({ length: 5_000 }, () => habits.target(random))
  const numbers = asked.map(({ target }) => Number(/s(\d+)$/.exec(target)![1]))
  const isNew = numbers.filter(number => number > 20_000)
  t.ok(Math.abs(isNew.length / 5_000 - 0.05) < 0.02, `${isNew.length}`)
  t.equal(new Set(isNew).size, isNew.length, 'never twice')
  t.ok(numbers.filter(number => number === 0).length > 50)
  t.ok(asked.some(({ herd }) => herd > 1))
  t.equal(contentOf(soakTarget(7)).bytes, objectBytes(7))
})

t.test('a soak kills workers rarely and nobody else', async t => {
  const random = randomFrom(2)
  const habits = soakHabits(5)
  const done = new Set(Array.from({ length: 500 }, () => habits.disturbance(random)))
  t.strictSame(done, new Set(['purge', 'reload', 'kill a child', 'new generation']))
  t.equal(habits.betweenMs, 5)
})
