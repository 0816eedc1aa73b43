import { existsSync, mkdirSync } from 'node:fs'
import { open } from 'lmdb'
import t from 'tap'
import { EdgeError } from '../../error.js'
import { Crashes, crashesWithinMs, isOfDamage } from '../../supervise/damage.js'
import { type FakeWorker, sound } from '../support/supervise-spawn.js'
import { play } from '../support/supervise-stage.js'
import { until } from '../support/supervise-until.js'

// Each play has a log that is flushed when the process exits.
process.setMaxListeners(50)

/** A sound index in this cache directory; what is wrong with it only the workers find out. */
function indexAt(directory: string): void {
  mkdirSync(directory, { recursive: true })
  const root = open({ path: `${directory}/index`, noSubdir: false })
  root.putSync('key', 'value')
  root.close()
}

t.test('Crashes.note() says when there were three within a minute', async t => {
  const crashes = new Crashes()
  const notes: [signal: NodeJS.Signals | null, atMs: number, isTooMany: boolean][] = [
    ['SIGSEGV', 0, false],
    ['SIGBUS', 1, false],
    ['SIGKILL', 2, false],
    [null, 3, false],
    ['SIGABRT', 4, true],
    ['SIGSEGV', 5, false],
    ['SIGSEGV', 6, false],
    ['SIGSEGV', 6 + crashesWithinMs, false],
    ['SIGSEGV', 7 + crashesWithinMs, false],
    ['SIGSEGV', 8 + crashesWithinMs, true],
  ]
  for (const [signal, atMs, isTooMany] of notes) t.equal(crashes.note(signal, atMs), isTooMany, `${atMs}`)
})

t.test('isOfDamage() knows what LMDB does to a worker that starts', async t => {
  const rows: [code: string, message: string, is: boolean][] = [
    ['worker-died', 'worker 0 could not start: it was ended by SIGSEGV', true],
    ['worker-died', 'worker 0 could not start: it was ended by SIGKILL', false],
    ['worker-died', 'worker 0 could not start: it exited with code 1', false],
    ['start-failed', 'worker 0 could not start: MDB_CORRUPTED: Located page was wrong type', true],
    ['start-failed', 'worker 0 could not start: no engine', false],
    ['listen', 'worker 0 could not start: cannot listen', false],
  ]
  for (const [code, message, is] of rows) {
    t.equal(isOfDamage(new EdgeError(code, message, { source: 'edge', status: 503 })), is, message)
  }
  t.notOk(isOfDamage(new Error('MDB_CORRUPTED')))
})

t.test('Supervisor.run() starts with an empty cache when workers die of the index', async t => {
  const reasons: ((worker: FakeWorker) => void)[] = [
    worker => worker.die(null, 'SIGSEGV'),
    worker => {
      worker.say({
        type: 'failed',
        code: 'start-failed',
        message: 'MDB_CORRUPTED: Located page was wrong type',
      })
      worker.die(1, null)
    },
  ]
  for (const fail of reasons) {
    let isDamaged = true
    const { supervisor, isReady, config, logged, ran } = play(
      t,
      (worker, message) => {
        if (isDamaged && message.type === 'start') {
          isDamaged = false
          fail(worker)
        } else sound(worker, message)
      },
      { workers: 1 },
      indexAt,
    )
    await isReady()
    await logged(
      /the cache index seems damaged .*: moved to .*index\.damaged-1, starting with an empty cache/,
    )
    t.ok(existsSync(`${config.cache.directory}/index.damaged-1/data.mdb`))
    supervisor.stop()
    await ran
  }
})

t.test('Supervisor starts over with an empty cache when workers crash again and again', async t => {
  const { supervisor, isReady, config, workers, waitFor, logged, ran } = play(t, sound, {}, indexAt)
  await isReady()
  for (const at of [0, 2, 3]) {
    await until(() => workers[at]?.sent.length)
    await waitFor(now => now.workers.every(({ state }) => state === 'ready'))
    workers[at]!.die(null, 'SIGBUS')
  }
  await logged(/the cache index seems damaged/)
  t.ok(existsSync(`${config.cache.directory}/index.damaged-1/data.mdb`))
  t.ok(workers.slice(0, 4).every(({ gone }) => gone))
  t.match(await waitFor(now => now.generation === 2 && now.workers.every(({ state }) => state === 'ready')), {
    state: 'running',
    configRevision: 1,
  })
  supervisor.stop()
  await ran
})
