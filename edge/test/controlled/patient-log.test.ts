import pino from 'pino'
import t from 'tap'
import { PatientLog } from '../../controlled/patient-log.js'

t.test('lines wait until the log is opened, and not longer', async t => {
  const said: string[] = []
  const log = pino({}, { write: line => void said.push(JSON.parse(line).msg) })
  const patient = new PatientLog(log)
  patient.lines.info({ a: 1 }, 'first')
  patient.lines.warn('second')
  t.strictSame(said, [])
  patient.open()
  patient.lines.error('third')
  patient.open()
  t.strictSame(said, ['first', 'second', 'third'])
  const full = new PatientLog(log)
  for (let at = 0; at < 1_500; at += 1) full.lines.info('more')
  said.length = 0
  full.open()
  t.equal(said.length, 1_000)
})
