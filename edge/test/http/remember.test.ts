import t from 'tap'
import { remembering } from '../../http/remember.js'

function counted() {
  let reads = 0
  const read = remembering((value: string) => {
    reads += 1
    return value.toUpperCase()
  })
  return { read, reads: () => reads }
}

t.test('remembering() reads a value once', async t => {
  const { read, reads } = counted()
  for (const _ of [1, 2, 3]) t.equal(read('a'), 'A')
  t.equal(reads(), 1)
})

t.test('remembering() forgets when there are too many, and stays right', async t => {
  const { read, reads } = counted()
  for (let i = 0; i < 600; i += 1) t.equal(read(`a${i}`), `A${i}`)
  t.equal(reads(), 600)
  t.equal(read('a0'), 'A0')
  t.equal(reads(), 601)
})

t.test('remembering() keeps no long values', async t => {
  const { read, reads } = counted()
  const long = 'a'.repeat(513)
  t.equal(read(long), long.toUpperCase())
  read(long)
  t.equal(reads(), 2)
})
