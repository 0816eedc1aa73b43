import { pino } from 'pino'
import t from 'tap'
import { EdgeError } from '../../error.js'
import type { Counted } from '../../keep/purge-count.js'
import { answerPurge, type PurgeKeeper } from '../../supervise/purge.js'
import { configUnder } from '../support/supervise-config.js'

const config = configUnder('/tmp/a')
const counted: Counted = { entries: 3, scanned: 9, isComplete: false }

function basisOf(keeper: Partial<PurgeKeeper> = {}) {
  const lines: Record<string, unknown>[] = []
  const log = pino({ level: 'info' }, { write: line => void lines.push(JSON.parse(line)) })
  return {
    lines,
    basis: { config, log, keeper: { purge: async () => 7, countPurged: async () => counted, ...keeper } },
  }
}

t.test('answerPurge() answers with a receipt, and logs it', async t => {
  const { basis, lines } = basisOf()
  const { status, body } = await answerPurge('{"kind":"all"}', basis)
  t.equal(status, 200)
  const receipt = JSON.parse(body)
  t.match(receipt, { id: /^[0-9a-f-]{36}$/, sequence: 7, applied: true })
  t.match(lines, [{ kind: 'all', items: 1, soft: false, id: receipt.id, sequence: 7, msg: 'purged' }])
})

t.test('answerPurge() counts in a dry run, and purges nothing', async t => {
  const { basis, lines } = basisOf({ purge: () => Promise.reject(new Error('purged')) })
  const { status, body } = await answerPurge('{"kind":"all","dryRun":true}', basis)
  t.equal(status, 200)
  t.strictSame(JSON.parse(body), { dryRun: true, entries: 3, scanned: 9, complete: false })
  t.strictSame(lines, [])
})

t.test('answerPurge() says what is wrong', async t => {
  const { basis } = basisOf()
  const noJson = await answerPurge('{', basis)
  t.match([noJson.status, JSON.parse(noJson.body)], [400, { error: { code: 'purge-no-json' } }])
  const wrong = await answerPurge('{"kind":"site"}', basis)
  t.match([wrong.status, JSON.parse(wrong.body)], [400, { error: { problems: [{ pointer: '/site' }] } }])
})

t.test('answerPurge() hands on what the keeper refuses with', async t => {
  const tooMany = new EdgeError('purge-rules-max', 'too many', { source: 'edge', status: 429 })
  const { basis, lines } = basisOf({ purge: () => Promise.reject(tooMany) })
  const { status, body } = await answerPurge('{"kind":"all"}', basis)
  t.match([status, JSON.parse(body)], [429, { error: { code: 'purge-rules-max', message: 'too many' } }])
  t.match(lines, [{ msg: 'a purge was refused', err: { code: 'purge-rules-max' } }])
  await t.rejects(
    answerPurge('{"kind":"all"}', basisOf({ purge: () => Promise.reject(new TypeError()) }).basis),
  )
})
