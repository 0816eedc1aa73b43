import t from 'tap'
import { fieldsOf } from '../../respond/head-fields.js'

const head = { status: 200, block: Buffer.from('A: 1\r\nAge'), tail: '3\r\nCache-Status: naij; hit' }
const fields = ['A', '1', 'Age', '3', 'Cache-Status', 'naij; hit']

t.test('fieldsOf() takes a head apart, and the further lines of the responder once', async t => {
  const responder = { moreLines: '\r\nB: 2: 3' }
  t.strictSame(fieldsOf(responder, head), [...fields, 'B', '2: 3'])
  t.strictSame(fieldsOf(responder, head), fields)
})

t.test('fieldsOf() adds the Date of the response, where it has one to tell', async t => {
  const date = 'Wed, 01 May 2024 12:00:00 GMT'
  t.strictSame(fieldsOf({ moreLines: '' }, { ...head, date }), [...fields, 'Date', date])
  t.strictSame(fieldsOf({ moreLines: '\r\nB: 2' }, { ...head, date }), [...fields, 'B', '2', 'Date', date])
})
