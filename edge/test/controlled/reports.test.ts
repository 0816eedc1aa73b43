import t from 'tap'
import { Reports } from '../../controlled/reports.js'
import { EdgeError } from '../../error.js'

const standing = { epoch: 1, position: 2, revision: 3, refused: null }
const receipt = (sequence: number) => ({ sequence, state: 'applied' as const, localSequence: 1, reasons: [] })

function sceneOf(receiptsMax = 10) {
  const sent: Record<string, unknown>[] = []
  const answers: (() => void)[] = []
  const failed: string[] = []
  const given = { standing: standing as typeof standing | undefined, fails: false }
  const reports = new Reports({
    edge: 'me',
    receiptsMax,
    send: body => {
      sent.push(body as Record<string, unknown>)
      if (given.fails)
        return Promise.reject(new EdgeError('control-unreachable', 'away', { source: 'edge', status: 503 }))
      return new Promise(resolve => void answers.push(() => resolve(undefined)))
    },
    standing: () => given.standing,
    health: async () => ({ ready: true }),
    onFailed: ({ message }) => void failed.push(message),
  })
  const turn = () => new Promise(resolve => setImmediate(resolve))
  return { reports, sent, answers, failed, given, turn }
}

t.test('one report at a time; what comes meanwhile goes with the next', async t => {
  const { reports, sent, answers, turn } = sceneOf()
  reports.receipts([receipt(1)])
  reports.tell()
  reports.receipts([receipt(2)])
  reports.tell()
  reports.tell(true)
  await turn()
  t.equal(sent.length, 1)
  t.match(sent[0], { edge: 'me', ...standing, receipts: [{ sequence: 1 }], counts: [] })
  answers[0]!()
  await turn()
  t.equal(sent.length, 2)
  t.match(sent[1], { receipts: [{ sequence: 2 }], health: { ready: true } })
  answers[1]!()
  await turn()
  reports.count({ id: 'c', entries: 1, scanned: 1, complete: true, reasons: [] })
  await turn()
  t.match(sent[2], { receipts: [], counts: [{ id: 'c' }] })
  t.notOk('health' in sent[2]!)
})

t.test('what control did not take it is told again; of what is too much the oldest goes', async t => {
  const { reports, sent, answers, failed, given, turn } = sceneOf(2)
  given.fails = true
  reports.receipts([receipt(1), receipt(2), receipt(3)])
  reports.tell()
  await turn()
  t.strictSame([failed, reports.dropped], [['away'], 1])
  given.fails = false
  reports.tell()
  await turn()
  t.match(sent[1], { receipts: [{ sequence: 2 }, { sequence: 3 }] })
  answers[0]!()
  await turn()
  t.equal(sent.length, 2)
})

t.test('who has heard nothing has nothing to tell', async t => {
  const { reports, sent, given, turn } = sceneOf()
  given.standing = undefined
  reports.tell()
  await turn()
  t.equal(sent.length, 0)
})
