import t from 'tap'
import { EdgeError } from '../error.js'

t.test('EdgeError carries code, source, status, and is not to be retried unless it says so', async t => {
  const plain = new EdgeError('origin-reset', 'it was reset', { source: 'origin', status: 502 })
  t.match(plain, {
    code: 'origin-reset',
    message: 'it was reset',
    source: 'origin',
    status: 502,
    retry: false,
  })
  t.equal(plain.name, 'EdgeError')
  t.notOk('cause' in plain, 'no cause that nobody gave')
  const cause = new Error('why')
  const caused = new EdgeError('x', 'y', { source: 'edge', status: 500, retry: true, cause })
  t.equal(caused.cause, cause)
  t.equal(caused.retry, true)
})
