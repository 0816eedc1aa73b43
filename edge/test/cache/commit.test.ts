import t from 'tap'
import { explainCommit } from '../../cache/commit.js'
import { EdgeError } from '../../error.js'

function failed(reason: unknown): Error {
  return Object.assign(new Error('Commit failed'), { commitError: Promise.reject(reason) })
}

t.test('explainCommit() tells a full disk from a failed one, and keeps the reason', async t => {
  const path = t.testdir()
  const of = (code: number) => Object.assign(new Error(`number ${code}`), { code })
  const rows: [string, unknown, string, string][] = [
    ['ENOSPC', failed(of(28)), 'store-full', path],
    ['EFBIG', failed(of(27)), 'store-full', path],
    ['EDQUOT', failed(of(122)), 'store-full', path],
    ['EIO with room on the disk', failed(of(5)), 'store-failed', path],
    ['EIO, and the disk cannot be asked', failed(of(5)), 'store-failed', `${path}/nothing/here`],
    ['an error without a second promise', new Error('Database is closed'), 'store-failed', path],
    ['no error at all', 'thrown', 'store-failed', path],
    [
      'a reason that never comes true',
      Object.assign(new Error('x'), { commitError: undefined }),
      'store-failed',
      path,
    ],
  ]
  for (const [name, error, code, at] of rows) {
    const explained = await explainCommit(error, at)
    t.ok(explained instanceof EdgeError, name)
    t.match(explained, { code, source: 'edge', status: 500, retry: false }, name)
    t.ok(explained.cause !== undefined, name)
  }
})
