import t from 'tap'
import { describeExit, Processes } from '../processes.js'

const say = (script: string): string[] => ['/bin/sh', '-c', script]

t.test('start() gives lines of stdout and how it ended', async t => {
  const processes = new Processes()
  const lines: string[] = []
  const onLine = (line: string) => lines.push(line)
  const running = await processes.start('talker', say('echo one; echo two; echo bad >&2; exit 4'), { onLine })
  const exit = await running.exited
  t.strictSame(lines, ['one', 'two'])
  t.strictSame(exit, { code: 4, signal: null })
  t.equal(describeExit(running, exit), 'talker ended with code 4:\nbad')
  await processes.stop(running)
})

t.test('start() pins to a core', async t => {
  const lines: string[] = []
  const processes = new Processes()
  const core = Number(
    /Cpus_allowed_list:\s*(\d+)/.exec(
      (await import('node:fs')).readFileSync('/proc/self/status', 'utf8'),
    )![1],
  )
  const onLine = (line: string) => lines.push(line)
  const running = await processes.start('pinned', ['grep', 'Cpus_allowed_list', '/proc/self/status'], {
    core,
    onLine,
  })
  await running.exited
  t.match(lines[0], new RegExp(`\\s${core}$`))
})

t.test('start() throws a Problem for a program that is not there', async t => {
  await t.rejects(new Processes().start('ghost', ['/no/such/program']), {
    name: 'Problem',
    message: /^ghost does not start: .*ENOENT/,
  })
})

t.test('stop() asks once however often it is called', async t => {
  const processes = new Processes()
  const lines: string[] = []
  const script = `sleep 60 & trap 'echo asked; kill $!' TERM; echo up; wait; wait`
  let up: (value: unknown) => void = () => {}
  const ready = new Promise(resolve => {
    up = resolve
  })
  const onLine = (line: string) => up(lines.push(line))
  const running = await processes.start('patient', say(script), { onLine })
  await ready
  await Promise.all([processes.stop(running), processes.stop(running), processes.stopAll()])
  t.strictSame(lines, ['up', 'asked'])
})

t.test('stop() kills the whole group of a process that does not end in time', async t => {
  const processes = new Processes()
  let up: (line: string) => void = () => {}
  const ready = new Promise<string>(resolve => {
    up = resolve
  })
  const running = await processes.start('stubborn', say('trap "" TERM; sleep 60 & echo $!; wait; wait'), {
    onLine: up,
  })
  await ready
  await processes.stop(running, 20)
  // Settled: so nothing holds its output any more, its child neither.
  t.strictSame(await running.exited, { code: null, signal: 'SIGKILL' })
  t.equal(describeExit(running, await running.exited), 'stubborn ended by SIGKILL')
})

t.test('stopAll() and killAll() leave nothing, and nothing starts afterwards', async t => {
  const processes = new Processes()
  const first = await processes.start('first', say('exec sleep 60'))
  const second = await processes.start('second', say('exec sleep 60'))
  processes.killAll()
  t.match(await first.exited, { signal: 'SIGKILL' })
  t.match(await second.exited, { signal: 'SIGKILL' })
  await processes.stopAll()
  await t.rejects(processes.start('third', say('true')), { message: 'stopping', exitCode: 1 })
})
