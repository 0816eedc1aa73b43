import { readFileSync } from 'node:fs'
import t from 'tap'
import { ifThere } from '../if-there.js'

t.test('ifThere() passes on what it reads and what is wrong, and tells of what is gone', async t => {
  t.equal(
    ifThere(() => 'text'),
    'text',
  )
  t.equal(
    ifThere(() => readFileSync(`/proc/${2 ** 30}/stat`)),
    undefined,
  )
  t.throws(() => ifThere(() => readFileSync('/proc')), { code: 'EISDIR' })
})
