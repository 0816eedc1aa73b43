import t from 'tap'
import { allValues, combinedValue, firstValue } from '../../http/fields.js'

const fields = ['Vary', 'Accept', 'etag', '"a"', 'VARY', 'Cookie']

t.test('firstValue() ignores the case of names and takes the first line', async t => {
  t.equal(firstValue(fields, 'vary'), 'Accept')
  t.equal(firstValue(fields, 'etag'), '"a"')
  t.equal(firstValue(fields, 'age'), undefined)
})

t.test('allValues() and combinedValue() keep the order of repeated lines (RFC 9110 5.3)', async t => {
  t.strictSame(allValues(fields, 'vary'), ['Accept', 'Cookie'])
  t.equal(combinedValue(fields, 'vary'), 'Accept, Cookie')
  t.equal(combinedValue(fields, 'age'), undefined)
})
