import t from 'tap'
import { Service } from '../../supervise/service.js'

function serviceOf(environment: NodeJS.ProcessEnv = {}, fails = false) {
  const said: string[] = []
  const warnings: string[] = []
  const service = new Service({
    notify: message => {
      if (fails) throw new Error('nobody listens')
      said.push(message)
    },
    log: { warn: (_: unknown, text: string) => warnings.push(text) } as never,
    environment,
    pid: 7,
    nowMicroseconds: () => 123_456n,
  })
  return { service, said, warnings }
}

t.test('Service says what sd_notify(3) wants to hear', async t => {
  const { service, said } = serviceOf()
  service.ready('serving')
  service.reloading()
  service.stopping(35_000)
  service.alive()
  t.strictSame(said, [
    'READY=1\nSTATUS=serving',
    'RELOADING=1\nMONOTONIC_USEC=123456\nSTATUS=reading the configuration',
    'STOPPING=1\nEXTEND_TIMEOUT_USEC=35000000\nSTATUS=finishing what is in progress',
    'WATCHDOG=1',
  ])
})

t.test('Service.watchdogMs is for this process, or none', async t => {
  const table: [NodeJS.ProcessEnv, number | undefined][] = [
    [{}, undefined],
    [{ WATCHDOG_USEC: '30000000' }, 30_000],
    [{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '7' }, 30_000],
    [{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '8' }, undefined],
    [{ WATCHDOG_USEC: '0' }, undefined],
    [{ WATCHDOG_USEC: 'soon' }, undefined],
  ]
  for (const [environment, wanted] of table)
    t.equal(serviceOf(environment).service.watchdogMs, wanted, JSON.stringify(environment))
})

t.test('Service says once that it cannot be heard, and goes on', async t => {
  const { service, warnings } = serviceOf({}, true)
  service.ready('a')
  service.alive()
  t.strictSame(warnings, ['the service manager cannot be told'])
})
