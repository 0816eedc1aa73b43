import t from 'tap'
import { type Swappable, swapSites } from '../../supervise/swap.js'
import { configUnder } from '../support/supervise-config.js'

const { sites } = configUnder('/tmp/a')

/** A worker that writes down what it is told, and prepares as `prepare` does. */
function fakeWorker(slot: number, log: string[], prepare: () => Promise<void> = async () => {}): Swappable {
  return {
    slot,
    prepare: async revision => {
      log.push(`prepare ${slot} r${revision}`)
      await prepare()
    },
    commit: async () => void log.push(`commit ${slot}`),
    discard: () => void log.push(`discard ${slot}`),
  }
}

t.test('swapSites() commits only after all have prepared', async t => {
  const log: string[] = []
  const workers = [fakeWorker(0, log), fakeWorker(1, log)]
  const adopt = () => void log.push('adopt')
  const result = await swapSites({ revision: 2, sites, timeoutMs: 60_000, workers: () => workers, adopt })
  t.strictSame(result, { ok: true })
  t.strictSame(log, ['prepare 0 r2', 'prepare 1 r2', 'adopt', 'commit 0', 'commit 1'])
})

t.test('swapSites() discards everywhere when one cannot', async t => {
  const log: string[] = []
  const refusing = fakeWorker(1, log, () => Promise.reject(new Error('no such origin')))
  const workers = [fakeWorker(0, log), refusing]
  const adopt = () => void log.push('adopt')
  const result = await swapSites({ revision: 2, sites, timeoutMs: 60_000, workers: () => workers, adopt })
  t.strictSame(result, { ok: false, reason: 'worker 1: no such origin' })
  t.strictSame(log, ['prepare 0 r2', 'prepare 1 r2', 'discard 0', 'discard 1'])
})

t.test('swapSites() asks a worker that starts meanwhile too', async t => {
  const log: string[] = []
  const workers: Swappable[] = []
  const late = fakeWorker(1, log)
  workers.push(fakeWorker(0, log, async () => void workers.push(late)))
  const adopt = () => void log.push('adopt')
  await swapSites({ revision: 2, sites, timeoutMs: 60_000, workers: () => workers, adopt })
  t.strictSame(log, ['prepare 0 r2', 'prepare 1 r2', 'adopt', 'commit 0', 'commit 1'])
})

t.test(
  'swapSites() is done although a worker dies at the commit: its successor has the new sites',
  async t => {
    const dying: Swappable = {
      ...fakeWorker(0, []),
      commit: () => Promise.reject(new Error('the worker died')),
    }
    let adopted = false
    const result = await swapSites({
      revision: 2,
      sites,
      timeoutMs: 60_000,
      workers: () => [dying],
      adopt: () => {
        adopted = true
      },
    })
    t.strictSame(result, { ok: true })
    t.ok(adopted)
  },
)
