import t from 'tap'
import { idleMaxMsOf } from '../../fetch/keep-alive.js'

const rows: [row: string, fields: string[], expected: number][] = [
  ['nothing said', [], Number.POSITIVE_INFINITY],
  ['nothing of time', ['Keep-Alive', 'max=100'], Number.POSITIVE_INFINITY],
  ['a second less than it says', ['Keep-Alive', 'timeout=5'], 4_000],
  ['any case', ['KEEP-alive', 'Timeout=5'], 4_000],
  ['behind others', ['Keep-Alive', 'max=100, timeout=5'], 4_000],
  ['blanks and quotes', ['Keep-Alive', 'max=1;timeout = "5"'], 4_000],
  ['another word', ['Keep-Alive', 'xtimeout=5'], Number.POSITIVE_INFINITY],
  ['no number', ['Keep-Alive', 'timeout=x'], Number.POSITIVE_INFINITY],
  ['at once', ['Keep-Alive', 'timeout=0'], -1_000],
  ['another field', ['Keep-Alivf', 'timeout=5'], Number.POSITIVE_INFINITY],
  [
    'the first that says it',
    ['Keep-Alive', 'x', 'Keep-Alive', 'timeout=5', 'Keep-Alive', 'timeout=9'],
    4_000,
  ],
]

t.test('idleMaxMsOf()', async t => {
  for (const [row, fields, expected] of rows) t.equal(idleMaxMsOf(fields), expected, row)
})
