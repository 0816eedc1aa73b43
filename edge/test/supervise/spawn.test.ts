import { writeFileSync } from 'node:fs'
import t from 'tap'
import { forkOf } from '../../supervise/spawn.js'

function exitOf(file: string) {
  return new Promise<[code: number | null, signal: string | null, pid: number]>(resolve => {
    const made = forkOf(file)({
      message: () => {},
      exit: (code, signal) => resolve([code, signal, made.pid]),
    })
    made.send({ type: 'drain' })
    made.kill('SIGCONT')
  })
}

t.test('forkOf() tells the exit of a process, once it is over', async t => {
  const [code, signal, pid] = await exitOf('/nowhere/worker.js')
  t.equal(code, 1)
  t.equal(signal, null)
  t.ok(pid > 0)
})

t.test('forkOf() tells an exit without code and signal when there is no process', async t => {
  t.strictSame(await exitOf('no\0name'), [null, null, -1], 'it cannot be asked for')
  const { execPath } = process
  process.execPath = '/nowhere/node'
  t.teardown(() => {
    process.execPath = execPath
  })
  t.strictSame(await exitOf('worker.js'), [null, null, -1], 'it cannot be run')
})

t.test('forkOf() gives flags of node, and those of this process behind them', async t => {
  const file = `${t.testdir({})}/flags.cjs`
  writeFileSync(file, 'process.send(process.execArgv); process.disconnect()')
  const own = process.execArgv
  t.teardown(() => {
    process.execArgv = own
  })
  process.execArgv = ['--max-semi-space-size=8']
  const said = await new Promise(resolve => {
    forkOf(file, ['--max-semi-space-size=32'])({ message: resolve, exit: () => {} })
  })
  t.strictSame(said, ['--max-semi-space-size=32', '--max-semi-space-size=8'])
})
