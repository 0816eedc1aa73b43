import t from 'tap'
import { freePort, tryPort } from '../ports.js'
import { Processes } from '../processes.js'
import { startListening, startReady } from '../ready.js'

const ready = /^ready (\d+)$/

t.test('startReady() waits for the line and hands on the others', async t => {
  const processes = new Processes()
  const lines: string[] = []
  let heard: (value: unknown) => void = () => {}
  const heardBoth = new Promise(resolve => {
    heard = resolve
  })
  const command = ['/bin/sh', '-c', 'echo before; echo ready 7; echo after; exec sleep 60']
  const started = await startReady(processes, 'server', command, {
    ready,
    timeoutMs: 60_000,
    onLine: line => lines.push(line) === 2 && heard(lines),
  })
  t.equal(started.match[1], '7')
  await heardBoth
  await processes.stopAll()
  t.strictSame(lines, ['before', 'after'])
})

t.test('startReady() throws what a program said that ended, with its exit code', async t => {
  const command = ['/bin/sh', '-c', 'echo port taken >&2; exit 2']
  await t.rejects(startReady(new Processes(), 'server', command, { ready, timeoutMs: 60_000 }), {
    message: 'server ended with code 2:\nport taken',
    exitCode: 2,
  })
})

t.test('startReady() stops a program that is not ready in time', async t => {
  const command = ['/bin/sh', '-c', 'exec sleep 60']
  await t.rejects(startReady(new Processes(), 'server', command, { ready, timeoutMs: 20 }), {
    message: 'server is not ready after 20 ms',
    exitCode: 1,
  })
})

t.test('startListening() waits for the port, which then accepts', async t => {
  const processes = new Processes()
  const port = await freePort()
  const code = `setTimeout(() => require('node:net').createServer().listen(${port}, '127.0.0.1'), 50)`
  await startListening(processes, 'server', [process.execPath, '-e', code], { port, timeoutMs: 60_000 })
  t.equal(await tryPort(port), undefined)
  await processes.stopAll()
})

t.test('startListening() throws when the program ends or does not listen in time', async t => {
  const port = await freePort()
  await t.rejects(
    startListening(new Processes(), 'server', ['/bin/sh', '-c', 'exit 3'], { port, timeoutMs: 60_000 }),
    { message: 'server ended with code 3', exitCode: 3 },
  )
  await t.rejects(
    startListening(new Processes(), 'server', ['/bin/sh', '-c', 'exec sleep 60'], { port, timeoutMs: 30 }),
    { message: 'server does not listen after 30 ms', exitCode: 1 },
  )
})
