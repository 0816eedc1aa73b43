import t from 'tap'
import { fieldBytes } from '../../fetch/field-bytes.js'
import { exchangeOf } from '../support/exchange.js'

t.test('fieldBytes() is the list itself when all is ASCII', async t => {
  const fields = ['a', '1', 'b', '~']
  t.equal(fieldBytes(exchangeOf({ fields })), fields)
})

const cases: [row: string, fields: string[], expected: string[]][] = [
  ['UTF-8 is turned back', ['a', 'é', 'b', '1'], ['a', '\xc3\xa9', 'b', '1']],
  ['what was no UTF-8 is read once more', ['a', '1', 'b', '\ufffd'], ['a', '1', 'b', 'bytes of b']],
  ['a value that is a name does not hide it', ['a', 'b', 'b', '\ufffd'], ['a', 'b', 'b', 'bytes of b']],
  ['a repeated line stays as the engine gave it', ['a', '1', 'a', '\ufffd'], ['a', '1', 'a', '\xef\xbf\xbd']],
]
for (const [row, fields, expected] of cases) {
  t.test(`fieldBytes() ${row}`, async t => {
    const before = [...fields]
    t.strictSame(fieldBytes(exchangeOf({ fields })), expected)
    t.strictSame(fields, before, 'the exchange keeps what it had')
  })
}
