import t from 'tap'
import { noTotals } from '../../keep/messages.js'
import { addKeeperTotals, keeperStatus, noKeeper } from '../../supervise/keeper-status.js'
import { reportOf } from '../support/supervise-keepers.js'

const known = { retired: noTotals(), sinceMs: 10.4, reportAgeMs: 5.6, deaths: 2, why: undefined }

t.test('keeperStatus() tells what is known, and null for the rest', async t => {
  t.match(keeperStatus({ ...known, pid: 7, report: undefined }), {
    state: 'starting',
    pid: 7,
    sinceMs: 10,
    reportAgeMs: null,
    index: null,
    segments: null,
    residentBytes: null,
    deaths: 2,
  })
  const report = reportOf('keeping', 3)
  const { totals: _, ...said } = report
  t.match(keeperStatus({ ...known, pid: 7, report }), { ...said, reportAgeMs: 6 })
  t.match(noKeeper(), { state: 'absent', pid: null, why: null, deaths: 0 })
})

t.test('keeperStatus() adds the totals of those before, and leaves them as they are', async t => {
  const retired = { ...noTotals(), segmentsEvicted: 5, logDropped: 1 }
  const { totals } = keeperStatus({ ...known, retired, pid: 7, report: reportOf('keeping', 3) })
  t.match(totals, { segmentsEvicted: 8, segmentBytesEvicted: 3_000, logDropped: 1 })
  t.equal(retired.segmentsEvicted, 5)
  addKeeperTotals(retired, undefined)
  t.equal(retired.segmentsEvicted, 5)
})
