import { createServer } from 'node:http'
import t, { type Test } from 'tap'
import { askEdge } from '../../../cli/doctor/admin.js'
import { soundStatus } from '../../support/running.js'

let sockets = 0

/** An admin socket that answers so. */
async function answering(t: Test, answers: Record<string, unknown>): Promise<string> {
  const path = `/tmp/naij-doctor-${process.pid}-${++sockets}.sock`
  const server = createServer(({ url = '' }, response) => {
    const answer = answers[url]
    response.end(typeof answer === 'string' ? answer : JSON.stringify(answer))
  })
  await new Promise<void>(resolve => server.listen(path, resolve))
  t.teardown(() => server.close())
  return path
}

t.test('askEdge() reads what the edge says', async t => {
  const status = soundStatus()
  const path = await answering(t, { '/readyz': { ready: true }, '/status': { ...status, further: 1 } })
  t.match(await askEdge(path), { status, missing: [] })
  const unready = { ready: false, missing: ['worker 0 is starting'] }
  t.match(await askEdge(await answering(t, { '/readyz': unready, '/status': status })), {
    missing: ['worker 0 is starting'],
  })
})

t.test('askEdge() gives an Error for what it does not know', async t => {
  t.match(await askEdge('/absent.sock'), { message: /ENOENT/ })
  t.match(await askEdge(await answering(t, { '/readyz': { ready: true }, '/status': {} })), {
    message: /not what this version/,
  })
  t.ok((await askEdge(await answering(t, { '/readyz': 'x', '/status': {} }))) instanceof SyntaxError)
  const odd = await askEdge(await answering(t, { '/readyz': {}, '/status': soundStatus() }))
  t.match(odd, { missing: [/readyz/] })
})
