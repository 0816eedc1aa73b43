import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import t, { type Test } from 'tap'
import type { Status } from '../../../cli/doctor/admin.js'
import { diagnose } from '../../../cli/doctor/doctor.js'
import { soundStatus } from '../../support/running.js'

let sockets = 0

/** A configuration under the directory of the test, beside an empty root. */
function furnish(t: Test, settings: Record<string, unknown>) {
  const directory = t.testdir({ root: {} })
  const config = `${directory}/edge.json`
  const socket = `/tmp/naij-diagnose-${process.pid}-${++sockets}.sock`
  const run = { directory: '/tmp' }
  const all = { listen: [{ port: 8080 }], cache: { directory: `${directory}/cache` }, run, admin: { socket } }
  writeFileSync(config, JSON.stringify({ ...all, workers: 2, ...settings }))
  return { socket, options: { config, root: `${directory}/root`, diskTest: false, version: '1.2.3' } }
}

/** An edge that says this of itself. */
async function edge(t: Test, socket: string, status: Status): Promise<void> {
  const server = createServer(({ url }, response) => {
    response.end(JSON.stringify(url === '/status' ? status : { ready: true }))
  })
  await new Promise<void>(resolve => server.listen(socket, resolve))
  t.teardown(() => server.close())
}

async function levelsOf(options: Parameters<typeof diagnose>[0]): Promise<Record<string, string>> {
  return Object.fromEntries((await diagnose(options)).map(({ check, level }) => [check, level]))
}

const sites = [{ name: 'shop', hosts: ['*'], origins: ['http://127.0.0.1:1'] }]

t.test('diagnose() says of each group what it can without an edge', async t => {
  const { options } = furnish(t, { sites })
  t.match(await levelsOf(options), {
    'config.file': 'ok',
    'edge.ready': 'warn',
    'kernel.net.core.somaxconn': 'note',
    'limits.open-files': 'note',
    'memory.workers': 'note',
    'disk.write': 'note',
    'directories.cache.directory': 'ok',
    'clock.year': 'ok',
    'origins.http://127.0.0.1:1': 'bad',
  })
})

t.test('diagnose() judges the edge that runs by its processes', async t => {
  const { socket, options } = furnish(t, { sites })
  const [worker] = soundStatus().workers
  const workers = [0, 1].map(slot => ({ ...worker!, slot, pid: process.pid }))
  const [origin] = soundStatus().origins
  const origins = [{ ...origin!, url: 'http://127.0.0.1:1' }]
  await edge(t, socket, soundStatus({ pid: process.pid, workers, origins }))
  const levels = await levelsOf({ ...options, root: '/' })
  t.match(levels, { 'edge.ready': 'ok', 'edge.purges': 'ok' })
  t.match(levels['limits.open-files'], /^(ok|warn|bad)$/)
})

t.test('diagnose() asks the origins that control has sent', async t => {
  const control = { url: 'unix:/tmp/absent.sock', tokenFile: '/absent/token' }
  const { socket, options } = furnish(t, { control })
  const [origin] = soundStatus().origins
  await edge(t, socket, soundStatus({ origins: [{ ...origin!, url: 'http://127.0.0.1:2' }] }))
  t.match(await levelsOf(options), {
    'config.control.tokenFile': 'bad',
    'directories.state.directory': 'ok',
    'origins.http://127.0.0.1:2': 'bad',
  })
})

t.test('diagnose() measures the disk when it may', async t => {
  const { options } = furnish(t, { sites })
  const levels = await levelsOf({ ...options, diskTest: true })
  t.match(levels['disk.write'], /^(ok|warn)$/)
  t.match(levels['disk.read'], /^(ok|note|warn)$/)
})
