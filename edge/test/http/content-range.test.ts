import t from 'tap'
import { fieldsOfWhole, firstByteAsked, parseContentRange, readPart } from '../../http/content-range.js'

t.test('parseContentRange() (RFC 9110 14.4)', async t => {
  const cases: [value: string, read: object | undefined][] = [
    ['bytes 0-9/10', { first: 0, last: 9, size: 10 }],
    [' BYTES 5-5/* ', { first: 5, last: 5, size: undefined }],
    ['bytes 0-9/9', undefined],
    ['bytes 9-0/10', undefined],
    ['bytes */10', undefined],
    ['bytes 0-9', undefined],
    ['lines 0-9/10', undefined],
    ['bytes 0-99999999999999999999/*', undefined],
    ['bytes 0-9/99999999999999999999', undefined],
    ['bytes -1-9/10', undefined],
    ['', undefined],
  ]
  for (const [value, read] of cases) t.strictSame(parseContentRange(value), read, value)
})

t.test('readPart() takes as much as was asked for, or as there is', async t => {
  const asked = { first: 10, last: 19 }
  const part = (size: number, last = 19) => ({ kind: 'part', range: { first: 10, last }, size })
  const cases: [fields: string[], read: object][] = [
    [['Content-Range', 'bytes 10-19/100'], part(100)],
    [['Content-Range', 'bytes 10-14/15', 'Content-Length', '5'], part(15, 14)],
    [['Content-Range', 'bytes 10-19/100', 'Content-Length', '9'], { kind: 'useless', why: 'content-length' }],
    [['Content-Range', 'bytes 10-18/100'], { kind: 'useless', why: 'other-part' }],
    [['Content-Range', 'bytes 9-19/100'], { kind: 'useless', why: 'other-part' }],
    [['Content-Range', 'bytes 10-20/100'], { kind: 'useless', why: 'other-part' }],
    [['Content-Range', 'bytes 10-19/*'], { kind: 'useless', why: 'content-range' }],
    [['Content-Range', 'x'], { kind: 'useless', why: 'content-range' }],
    [['Content-Type', 'multipart/byteranges; boundary=x'], { kind: 'useless', why: 'no-content-range' }],
  ]
  for (const [fields, read] of cases) t.strictSame(readPart(fields, asked), read, fields.join())
})

t.test('fieldsOfWhole() says how long the whole is', async t => {
  const fields = ['ETag', '"v"', 'content-range', 'bytes 0-1/9', 'Content-length', '2', 'X', 'y']
  t.strictSame(fieldsOfWhole(fields, 9), ['ETag', '"v"', 'X', 'y', 'Content-Length', '9'])
})

t.test('firstByteAsked() reads what a Range begins with (RFC 9110 14.1.2)', async t => {
  const cases: [value: string, first: number | undefined][] = [
    ['bytes=0-', 0],
    ['bytes=7-9, 20-', 7],
    ['Bytes= 7-9', 7],
    ['bytes=-5', 0],
    ['lines=1-2', undefined],
    ['bytes=x', undefined],
    ['bytes=99999999999999999999-', undefined],
  ]
  for (const [value, first] of cases) t.equal(firstByteAsked(value), first, value)
})
