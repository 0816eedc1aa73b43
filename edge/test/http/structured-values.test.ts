import t from 'tap'
import { type BareItem, readBareItem, readKey } from '../../http/structured-values.js'

/** The bare item that `text` is to its end. */
function read(text: string): BareItem | undefined {
  const cursor = { text, at: 0 }
  const item = readBareItem(cursor)
  return cursor.at === text.length ? item : undefined
}

const lawful: [section: string, text: string, type: string, value: unknown][] = [
  ['4.2.4 integer', '42', 'integer', 42],
  ['4.2.4 leading zeros', '007', 'integer', 7],
  ['4.2.4 negative', '-1', 'integer', -1],
  ['4.2.4 minus zero', '-0', 'integer', 0],
  ['4.2.4 fifteen digits', '999999999999999', 'integer', 999_999_999_999_999],
  ['4.2.4 decimal', '-1.25', 'decimal', -1.25],
  ['4.2.4 twelve and three digits', '123456789012.125', 'decimal', 123_456_789_012.125],
  ['4.2.5 string', '"a b"', 'string', 'a b'],
  ['4.2.5 empty string', '""', 'string', ''],
  ['4.2.5 escapes', '"\\"\\\\"', 'string', '"\\'],
  ['4.2.6 token', '*a:/b!', 'token', '*a:/b!'],
  ['4.2.7 bytes', ':aGk=:', 'bytes', [0x68, 0x69]],
  ['4.2.7 no padding', ':aGk:', 'bytes', [0x68, 0x69]],
  ['4.2.7 no bytes', '::', 'bytes', []],
  ['4.2.8 true', '?1', 'boolean', true],
  ['4.2.8 false', '?0', 'boolean', false],
  ['4.2.9 date', '@1659578233', 'date', 1_659_578_233],
  ['4.2.9 date before the epoch', '@-1', 'date', -1],
  ['4.2.10 display string', '%"f%c3%bc%22"', 'displayString', 'fü"'],
]
for (const [section, text, type, value] of lawful) {
  t.test(`readBareItem() RFC 9651 ${section}`, async t => {
    const item = read(text)
    t.equal(item?.type, type)
    t.strictSame(item?.type === 'bytes' ? [...item.value] : item?.value, value)
  })
}

const unlawful: [section: string, text: string][] = [
  ['4.2.4 sixteen digits', '1234567890123456'],
  ['4.2.4 thirteen digits before the point', '1234567890123.1'],
  ['4.2.4 four digits behind the point', '1.2345'],
  ['4.2.4 nothing behind the point', '1.'],
  ['4.2.4 nothing before the point', '.5'],
  ['4.2.4 a sign alone', '-'],
  ['4.2.4 plus', '+1'],
  ['4.2.5 never closed', '"a'],
  ['4.2.5 other escape', '"\\a"'],
  ['4.2.5 control character', '"\t"'],
  ['4.2.5 beyond ASCII', '"ü"'],
  ['4.2.5 single quotes', "'a'"],
  ['4.2.6 beyond ASCII', 'aü'],
  ['4.2.7 other characters', ':a_b:'],
  ['4.2.7 a lone sixth', ':aGkaa:'],
  ['4.2.7 never closed', ':aGk='],
  ['4.2.8 other digit', '?2'],
  ['4.2.9 decimal date', '@1.5'],
  ['4.2.9 no number', '@a'],
  ['4.2.10 upper case', '%"%C3%BC"'],
  ['4.2.10 no UTF-8', '%"%c3"'],
  ['4.2.10 half a triple', '%"%c"'],
  ['4.2.10 no quote', '%a'],
  ['4.2.3.1 nothing', ''],
]
for (const [section, text] of unlawful) {
  t.test(`readBareItem() RFC 9651 ${section}: fails`, async t => t.equal(read(text), undefined))
}

t.test('readKey() RFC 9651 4.2.3.3 reads lower-case keys', async t => {
  const cursor = { text: 'max-age=1', at: 0 }
  t.equal(readKey(cursor), 'max-age')
  t.equal(cursor.at, 7)
  for (const text of ['Max-Age', '1a', '-a', '']) t.equal(readKey({ text, at: 0 }), undefined, text)
})
