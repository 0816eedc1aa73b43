import t from 'tap'
import { verifyBody } from '../../cache/checksum.js'
import {
  decodeEntry,
  type EntryDraft,
  EntryFlag,
  encodeEntry,
  keepEntry,
  type ResponseEntry,
} from '../../cache/entry.js'
import type { Place } from '../../cache/segments/place.js'
import { encodeVariants } from '../../cache/variants.js'
import { randomFrom } from '../support/store-records.js'

const draft: EntryDraft = {
  status: 203,
  flags: EntryFlag.alwaysValidate | EntryFlag.mustRevalidate,
  bornAtMs: 1_795_000_000_000.25,
  freshUntilMs: 1_795_000_060_000,
  storedAtMs: 1_795_000_000_500,
  askedAtMs: 1_795_000_000_321,
  groups: ['a group', 'b'],
  tags: ['tag'],
  etag: 'W/"a\xff"',
  lastModified: 'Tue, 24 Nov 2026 13:25:28 GMT',
  varyNames: ['accept', 'accept-language'],
  received: ['Content-Type', 'text/html', 'X-Empty', '', 'X-Byte', '\x80\xff'],
  block: Buffer.from('HTTP head'),
  notModifiedBytes: 4,
  content: Buffer.from('body \0 bytes'),
}

const elsewhere: Place = {
  segment: 2 ** 40,
  extents: [
    [64, 2 ** 33],
    [2 ** 34, 7],
  ],
  bytes: 2 ** 33 + 7,
  crc: 0xfedcba98,
}

const drafts: [string, EntryDraft][] = [
  ['everything set', draft],
  ['nothing set', { ...draft, etag: '', lastModified: '', varyNames: [], received: [], flags: 0 }],
  ['empty body', { ...draft, content: Buffer.alloc(0) }],
  ['empty block', { ...draft, block: Buffer.alloc(0), notModifiedBytes: 0 }],
  ['plain Uint8Array parts', { ...draft, block: new Uint8Array([1, 2, 3, 4]), content: new Uint8Array(9) }],
  ['a field of 16 KiB', { ...draft, received: ['X', 'v'.repeat(16_384)], etag: 'e'.repeat(16_384) }],
  ['a body elsewhere', { ...draft, content: elsewhere }],
  ['an empty one', { ...draft, content: { segment: 1, extents: [], bytes: 0, crc: 0 } }],
  ['1 MiB', { ...draft, content: Buffer.alloc(1024 * 1024, 'x') }],
]

t.test('decodeEntry() gives back what encodeEntry() was given', async t => {
  for (const [name, given] of drafts) {
    const entry = decodeResponse(encodeEntry(given))
    t.strictSame(plain(entry), { ...plain(given) }, name)
    t.ok(verifyBody(entry), name)
  }
})

t.test('decodeEntry() reads no further than recordBytes of a larger buffer', async t => {
  const record = encodeEntry(draft)
  const buffer = Buffer.alloc(4_096, 'z')
  buffer.set(record)
  const entry = decodeEntry(buffer, record.length) as ResponseEntry
  t.strictSame(plain(entry), plain(draft))
  t.ok(entry.bytes.equals(record))
  t.ok(verifyBody(entry))
})

t.test('decodeEntry() is undefined for what is no sound record', async t => {
  const sound = encodeEntry(draft)
  const changed = (at: number, value: number): Buffer => {
    const record = Buffer.from(sound)
    record.writeUInt8(value, at)
    return record
  }
  const withTime = (at: number, value: number): Buffer => {
    const record = Buffer.from(sound)
    record.writeDoubleLE(value, at)
    return record
  }
  const variants = Buffer.from(encodeVariants({ variants: [], storedAtMs: 0 }))
  variants.writeDoubleLE(Number.NaN, 24)
  const rows: [string, Buffer][] = [
    ['nothing', Buffer.alloc(0)],
    ['shorter than the prologue', sound.subarray(0, 59)],
    ['one byte short', sound.subarray(0, -1)],
    ['one byte long', Buffer.concat([sound, Buffer.alloc(1)])],
    ['another magic', changed(0, 0)],
    ['another version', changed(3, 1)],
    ['an unknown kind', changed(4, 9)],
    ['the list of variants of before', changed(4, 2)],
    ['texts of another length', changed(36, 1)],
    ['a block of another length', changed(40, 200)],
    ['a body of another length', changed(48, 200)],
    ['a 304 head longer than the block', changed(44, 200)],
    ['a birth that is no number', withTime(8, Number.NaN)],
    ['an endless lifetime', withTime(16, Number.POSITIVE_INFINITY)],
    ['variants without a time', variants],
  ]
  for (const [name, record] of rows) t.equal(decodeEntry(record), undefined, name)
})

t.test('decodeEntry() and what it returns never throw, whatever the bytes are', async t => {
  const seed = Date.now() >>> 0
  const random = randomFrom(seed)
  t.comment(`seed ${seed}`)
  const records = [
    encodeEntry(draft),
    encodeVariants({ generation: 'g', variants: [variant('b'), variant('c')], storedAtMs: 1 }),
  ]
  t.doesNotThrow(() => {
    for (let round = 0; round < 4_000; round++) {
      const record = Buffer.from(records[round % 2] as Buffer)
      for (let flips = 0; flips < 4; flips++) record[Math.floor(random() * record.length)] = random() * 256
      readAll(record)
      readAll(Buffer.from(Array.from({ length: 80 }, () => random() * 256)))
    }
  })
})

t.test('a body elsewhere has its length, and no bytes', async t => {
  const entry = decodeResponse(encodeEntry({ ...draft, content: elsewhere }))
  t.match(entry, { bodyBytes: 2 ** 33 + 7, place: elsewhere })
  t.equal(entry.body.length, 0)
  t.strictSame(plain(keepEntry(entry)), plain(entry))
  const here = decodeResponse(encodeEntry(draft))
  t.match(here, { bodyBytes: 12, place: undefined })
  const damaged = encodeEntry({ ...draft, content: { ...elsewhere, extents: [[0, 1]], bytes: 1 } })
  t.equal(decodeEntry(damaged), undefined, 'a place that cannot be')
})

t.test('verifyBody() notices a changed byte of numbers, texts, block or body', async t => {
  const record = encodeEntry(draft)
  for (const at of [6, 33, 80, record.length - (draft.content as Buffer).length - 2, record.length - 1]) {
    const damaged = Buffer.from(record)
    damaged[at] = (damaged[at] as number) ^ 1
    t.notOk(verifyBody(decodeResponse(damaged)), `${at}`)
  }
})

t.test('keepEntry() outlives its buffer', async t => {
  const record = encodeEntry(draft)
  const kept = keepEntry(decodeResponse(record))
  record.fill(0)
  t.strictSame(plain(kept), plain(draft))
  t.ok(verifyBody(kept))
})

function variant(id: string) {
  return { varyNames: ['a'], id, languages: 'de', rest: 'r' }
}

function decodeResponse(record: Buffer): ResponseEntry {
  const entry = decodeEntry(record)
  if (entry?.kind !== 'response') throw new Error('no response')
  return entry
}

function plain(entry: EntryDraft | ResponseEntry): Record<string, unknown> {
  const { status, flags, bornAtMs, freshUntilMs, storedAtMs, etag, lastModified, notModifiedBytes } = entry
  const lists = { varyNames: [...entry.varyNames], received: [...entry.received] }
  const { content } = entry
  const bytes = {
    block: Buffer.from(entry.block),
    content: content instanceof Uint8Array ? Buffer.from(content) : content,
  }
  return {
    status,
    flags,
    bornAtMs,
    freshUntilMs,
    storedAtMs,
    askedAtMs: entry.askedAtMs,
    groups: [...entry.groups],
    tags: [...entry.tags],
    etag,
    lastModified,
    notModifiedBytes,
    ...lists,
    ...bytes,
  }
}

function readAll(record: Buffer): void {
  const entry = decodeEntry(record)
  if (entry?.kind === 'response') {
    plain(entry)
    verifyBody(entry)
  }
}
