import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { CONTROL_PORT, ORIGIN_PORT } from '../../demo/options.js'
import { type DemoOptions, edgeConfiguration, runDemo, siteOf } from '../../demo/run.js'
import { Processes } from '../../processes.js'
import { ask } from '../../request.js'
import { prepareRoot } from '../support/demo.js'
import { writeCheckout } from '../support/programs.js'
import { withoutCoverage } from '../support/run.js'
import { listenOn } from '../support/servers.js'

/** Starts the demo; `printed` resolves with all text so far once it matches. */
function start(t: Test, more: Partial<DemoOptions> = {}) {
  withoutCoverage(t)
  const controller = new AbortController()
  let text = ''
  let look = () => {}
  const print = (line: string) => {
    text += `${line}\n`
    look()
  }
  const printed = (wanted: RegExp): Promise<string> =>
    new Promise(resolve => {
      look = () => wanted.test(text) && resolve(text)
      look()
    })
  const processes = new Processes()
  const options = { root: t.testdirName, port: 0, originPort: 0, controlPort: 0, processes, print }
  const ended = runDemo({ ...options, stop: controller.signal, ...more })
  t.teardown(() => controller.abort())
  // Also when this test runs out of time.
  process.once('exit', () => processes.killAll())
  return { controller, printed, ended }
}

/** Resolves when the port is taken, by us or by somebody else. */
async function take(t: Test, port: number): Promise<void> {
  const server = createServer()
  t.teardown(() => server.close())
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve()
      else reject(error)
    })
    server.listen(port, '127.0.0.1', resolve)
  })
}

t.test('runDemo() serves through the edge, prints what it logs, and stops both', async t => {
  writeCheckout(prepareRoot(t.testdir()))
  const { controller, printed, ended } = start(t)
  await printed(/edge info: hello/)
  const text = await printed(/time \(UTC\)/)
  const [edge, origin] = ['through the edge', 'the origin'].map(
    name => new RegExp(`${name} +(http://127\\.0\\.0\\.1:\\d+)/`).exec(text)![1]!,
  )
  const through = await ask(`${edge}/how-it-works`)
  t.equal(through.status, 200)
  t.ok(through.body.includes(`curl -sI ${edge}/how-it-works`))
  t.ok((await ask(`${origin}/how-it-works`)).body.equals(through.body))
  controller.abort()
  await ended
  for (const url of [edge, origin]) await t.rejects(ask(`${url}/`), { code: 'ECONNREFUSED' })
})

t.test('runDemo() says that the edge ended by itself, and stops the origin', async t => {
  writeCheckout(
    prepareRoot(t.testdir()),
    `console.error('out of luck'); setTimeout(() => process.exit(3), 20)`,
  )
  const { ended } = start(t)
  await t.rejects(ended, { message: 'the edge ended with code 3:\nout of luck', exitCode: 1 })
})

t.test('runDemo() says what keeps it from starting', async t => {
  const taken = await listenOn(t, createServer())
  prepareRoot(t.testdir())
  await t.rejects(start(t, { port: taken }).ended, {
    message: new RegExp(`port ${taken} on 127.0.0.1 is taken by another program.*\\n.*--port ${taken + 1}`),
    exitCode: 2,
  })
  await t.rejects(start(t, { originPort: taken }).ended, {
    message: /choose another --origin-port/,
    exitCode: 2,
  })
  await t.rejects(start(t).ended, { message: /dist\/edge\/main\.js is not there: run `npm run build`/ })
})

t.test('runDemo() ends quietly when it is stopped while starting', async t => {
  writeCheckout(prepareRoot(t.testdir()))
  const { controller, ended } = start(t)
  controller.abort()
  await ended
  t.pass('stopped')
})

t.test('runDemo() takes another port for the origin when the usual one is taken', async t => {
  writeCheckout(prepareRoot(t.testdir()))
  await take(t, ORIGIN_PORT)
  const { controller, printed, ended } = start(t, { originPort: undefined })
  t.notMatch(await printed(/time \(UTC\)/), new RegExp(`origin +http://127.0.0.1:${ORIGIN_PORT}/`))
  const config = JSON.parse(readFileSync(join(t.testdirName, 'var/demo.json'), 'utf8'))
  t.match(config.control, { url: 'unix:./var/run/control.sock', tokenFile: './var/edge-token' })
  controller.abort()
  await ended
})

t.test(
  'runDemo() takes another port for control when the usual one is taken, unless one was asked for',
  async t => {
    writeCheckout(prepareRoot(t.testdir()))
    await take(t, CONTROL_PORT)
    const { controller, printed, ended } = start(t, { controlPort: undefined })
    t.notMatch(await printed(/time \(UTC\)/), new RegExp(`control +http://127.0.0.1:${CONTROL_PORT}/`))
    controller.abort()
    await ended
    await t.rejects(start(t, { controlPort: CONTROL_PORT }).ended, {
      message: /choose another --control-port/,
    })
  },
)

t.test('edgeConfiguration() and siteOf() keep everything under ./var, and lead to the origin', async t => {
  t.match(JSON.parse(edgeConfiguration(8080)), {
    listen: [{ address: '127.0.0.1', port: 8080 }],
    cache: { directory: './var/cache' },
    run: { directory: './var/run' },
    control: { url: 'unix:./var/run/control.sock' },
  })
  t.match(siteOf(9080), { hosts: ['*'], origins: ['http://127.0.0.1:9080'] })
})
