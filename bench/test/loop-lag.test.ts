import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'

import { lagIn, loopLagMs } from '../loop-lag.js'

const metrics = (counts: number[]): string =>
  ['0.001', '0.01', '+Inf']
    .map((le, at) => `naij_loop_lag_seconds_bucket{le="${le}"} ${counts[at]}\n`)
    .join('')

t.test('lagIn() is the class of 99 of a hundred looks', async t => {
  t.equal(lagIn(metrics([99, 99, 100])), 1)
  t.equal(lagIn(metrics([98, 99, 100])), 10)
  t.equal(lagIn(metrics([98, 98, 100])), Number.POSITIVE_INFINITY)
  t.equal(lagIn(metrics([0, 0, 0])), undefined)
  t.equal(lagIn('naij_requests_total 5\n'), undefined)
})

t.test('loopLagMs() asks the edge, and nobody else', async t => {
  t.equal(await loopLagMs({ directory: t.testdir() }), undefined)
  // A short one: the paths of sockets are.
  const directory = mkdtempSync(join(tmpdir(), 'naij-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  mkdirSync(join(directory, 'run'), { recursive: true })
  const server = createServer(({ url }, answer) => answer.end(url === '/metrics' ? metrics([1, 1, 1]) : ''))
  await new Promise<void>(resolve => server.listen(join(directory, 'run', 'edge.sock'), resolve))
  t.teardown(() => server.close())
  t.equal(await loopLagMs({ directory }), 1)
})
