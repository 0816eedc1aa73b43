import t from 'tap'
import { aboutFile, failure } from '../failure.js'

t.test('failure() is an Error with a code', async t => {
  const error = failure('wrong-length', 'too short')
  t.ok(error instanceof Error)
  t.match(error, { code: 'wrong-length', message: 'too short' })
})

t.test('aboutFile() names the file, once, and leaves what is no Error', async t => {
  const error = failure('wrong-length', 'too short')
  t.equal(aboutFile(error, '/zone'), error)
  aboutFile(error, '/other')
  t.match(error, { message: "too short '/zone'", path: '/zone' })
  t.equal(aboutFile('text', '/zone'), 'text')
})
