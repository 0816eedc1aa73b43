import t from 'tap'
import {
  decodeHeader,
  encodeHeader,
  headerBytes,
  idOf,
  segmentPath,
  thisBootId,
} from '../../../cache/segments/header.js'

t.test('decodeHeader() gives back what was encoded, and nothing for anything else', async t => {
  const header = { id: 1_785_000_000_123, bootId: thisBootId, createdMs: 1_785_000_000_000.5 }
  const bytes = encodeHeader(header)
  t.equal(bytes.length, headerBytes)
  t.strictSame(decodeHeader(bytes), header)
  t.equal(decodeHeader(bytes.subarray(0, 63)), undefined, 'cut')
  for (let at = 0; at < bytes.length; at++) {
    const damaged = Buffer.from(bytes)
    damaged[at] ^= 1
    if (decodeHeader(damaged) !== undefined) t.fail(`byte ${at} is not looked at`)
  }
})

t.test('the boot id is that of the machine', async t => {
  t.match(thisBootId, /^[0-9a-f]{32}$/)
})

t.test('idOf() reads the names that segmentPath() makes, and no others', async t => {
  t.equal(segmentPath('/cache/segments', 7), '/cache/segments/000000000000007.segment')
  t.equal(idOf('000000000000007.segment'), 7)
  for (const name of ['7.segment', '000000000000007.segment~', '00000000000000x.segment', '', '.']) {
    t.equal(idOf(name), undefined, name)
  }
})
