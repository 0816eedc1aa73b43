import t from 'tap'
import { tellReady } from '../manager.js'

function stage(environment: NodeJS.ProcessEnv, fails = false) {
  const said: string[] = []
  const warnings: string[] = []
  const stop = tellReady('listening', {
    notify: message => {
      if (fails) throw new Error('nobody listens')
      said.push(message)
    },
    environment,
    pid: 7,
    warn: text => warnings.push(text),
  })
  return { said, warnings, stop }
}

t.test('tellReady() says that it is ready, lives and stops', async t => {
  const { said, stop } = stage({ WATCHDOG_USEC: '20000', WATCHDOG_PID: '7' })
  t.strictSame(said, ['READY=1\nSTATUS=listening'])
  // The timer does not keep a process: this one does.
  await new Promise<void>(resolve => {
    const timer = setInterval(() => {
      if (said.length < 3) return
      clearInterval(timer)
      resolve()
    }, 5)
  })
  t.strictSame(said.slice(1, 3), ['WATCHDOG=1', 'WATCHDOG=1'])
  stop()
  t.equal(said.at(-1), 'STOPPING=1')
  const { length } = said
  await new Promise(resolve => setTimeout(resolve, 30))
  t.equal(said.length, length)
})

t.test('tellReady() feeds no watchdog that is not for it, and fails once', async t => {
  for (const environment of [{}, { WATCHDOG_USEC: '1000', WATCHDOG_PID: '8' }, { WATCHDOG_USEC: 'x' }]) {
    const { said, stop } = stage(environment)
    await new Promise(resolve => setTimeout(resolve, 10))
    stop()
    t.strictSame(said, ['READY=1\nSTATUS=listening', 'STOPPING=1'])
  }
  const { warnings, stop } = stage({}, true)
  stop()
  t.strictSame(warnings, ['naij-control: the service manager cannot be told: nobody listens'])
})
