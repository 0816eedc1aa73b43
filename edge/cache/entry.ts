// A stored response: what the store keeps under a key, as one binary record, and the view of it that a hit reads.
// Everything that depends on the stored response alone is computed when the record is made, nothing on a hit.
// Which bytes go into `block` is the matter of respond/assemble; where records are kept that of the stores.
import type { Fields } from '../http/fields.js'
import { kindPlaced, kindResponse, kindSliced, kindVariants, magic, offset, prologueBytes } from './layout.js'
import { decodePlace, type Place } from './segments/place.js'
import { decodeSlices, type SliceMap } from './slices.js'
import { listBytes, readList, readText, textBytes } from './texts.js'
import { decodeVariants, type VariantsEntry } from './variants.js'

export { encodeEntry, headRecordBytes } from './encode-entry.js'
export { EntryFlag } from './entry-flags.js'

/** All that is needed to make a record. Times are wall clock, milliseconds since the epoch. */
export interface EntryDraft {
  status: number
  flags: number
  /** When this response's age was zero: response time minus corrected initial age (RFC 9111 4.2.3). */
  bornAtMs: number
  /** End of the freshness lifetime (RFC 9111 4.2). */
  freshUntilMs: number
  storedAtMs: number
  /** When the origin was asked for it: what was invalidated since then is out of use. */
  askedAtMs: number
  /** The number of the last purge by then (purges/); absent: there was none. */
  fence?: number | undefined
  /** Stored validators as received, '' when absent. */
  etag: string
  lastModified: string
  /** Lower-case field names of Vary, sorted; empty when the response does not vary. */
  varyNames: readonly string[]
  /** All end-to-end fields as received: what a 304 is merged into. */
  received: Fields
  /** The groups it belongs to (RFC 9875 2) and the tags it can be purged by, bounded where they are read. */
  groups: readonly string[]
  tags: readonly string[]
  /** The head to send, preformatted by respond/assemble: see `Block` there. */
  block: Uint8Array
  /** How many bytes of `block` make the head of a 304 (a prefix). */
  notModifiedBytes: number
  content: Content
}

/** The body itself, or where it lies, or which blocks it is kept in. */
export type Content = Uint8Array | Place | SliceMap

export type Entry = ResponseEntry | VariantsEntry

const noBody = Buffer.alloc(0)

/**
 * A stored response. `block` and `body` are views, and the validators, `varyNames` and `received` are read out of the
 * same bytes when asked for: all of it holds only until the next `get` of the store. `keepEntry` makes it last.
 */
export class ResponseEntry {
  readonly kind = 'response'
  /** What the last hit sent behind `block`, and in which milliseconds it is true: conclude.ts's. */
  tail = ''
  tailFromMs = 0
  tailUntilMs = 0
  /** The body, when a store keeps it in memory though it lies elsewhere: see hot.ts and bodied-store.ts. */
  loaded: Buffer | undefined = undefined
  isLoadable = false
  /** Its bytes are its own: it outlives the next `get`. */
  isKept = false
  /** How often it was served from memory, as far as somebody counts. */
  uses = 0
  /** A form: which, and how long the body is of which it was made. */
  form = ''
  ofBytes = 0
  /** The number of the last purge that is known to leave it in use. */
  checkedAt: number
  private etagText: string | undefined = undefined

  /** `record` may be longer than `recordBytes`: it may be the whole buffer that a store reads into. */
  constructor(
    private readonly record: Buffer,
    readonly recordBytes: number,
    readonly status: number,
    readonly flags: number,
    readonly bornAtMs: number,
    readonly freshUntilMs: number,
    readonly storedAtMs: number,
    readonly notModifiedBytes: number,
    readonly block: Buffer,
    /** The body, or what stands in its place. */
    private readonly rest: Buffer,
    /** Where the body lies; undefined when it is in the record. */
    readonly place: Place | undefined,
    /** The number of the last purge when its fill began. */
    readonly fence: number,
    /** The blocks that it is kept in; undefined when it is kept whole. */
    readonly slices: SliceMap | undefined,
  ) {
    this.checkedAt = fence
  }

  /** Like `block`; empty while the body is elsewhere (`isAtHand`). */
  get body(): Buffer {
    return (this.place ?? this.slices) === undefined ? this.rest : (this.loaded ?? noBody)
  }

  get isAtHand(): boolean {
    return (this.place ?? this.slices) === undefined || this.loaded !== undefined
  }

  get bodyBytes(): number {
    return (this.place ?? this.slices)?.bytes ?? this.rest.length
  }

  get content(): Content {
    return this.place ?? this.slices ?? this.rest
  }

  get etag(): string {
    this.etagText ??= readText(this.record, prologueBytes, this.textsEnd)
    return this.etagText
  }

  get lastModified(): string {
    return readText(this.record, this.after(1), this.textsEnd)
  }

  get varyNames(): readonly string[] {
    return readList(this.record, this.after(2), this.textsEnd)
  }

  get received(): Fields {
    return this.lists()[1]
  }

  get groups(): readonly string[] {
    return this.lists()[2]
  }

  get tags(): readonly string[] {
    return this.lists()[3]
  }

  get askedAtMs(): number {
    return this.record.readDoubleLE(offset.askedAtMs)
  }

  /** The bytes as they are stored, a view like the others. */
  get bytes(): Buffer {
    return this.record.subarray(0, this.recordBytes)
  }

  /** varyNames, received, groups, tags. */
  private lists(): string[][] {
    const lists: string[][] = []
    let at = this.after(2)
    while (lists.length < 4) {
      const list = readList(this.record, at, this.textsEnd)
      lists.push(list)
      at += listBytes(list)
    }
    return lists
  }

  private get textsEnd(): number {
    return this.recordBytes - this.block.length - this.rest.length
  }

  private after(texts: 1 | 2): number {
    const first = prologueBytes + textBytes(this.etag)
    return texts === 1 ? first : first + textBytes(readText(this.record, first, this.textsEnd))
  }
}

// The last record decoded and the view on it. LMDB reads every value into one and the same buffer, so on a hit the
// view is there already; reading through it costs a fifth of `readUInt32LE` and its like.
let viewed: Buffer = Buffer.alloc(0)
let view: DataView = new DataView(viewed.buffer)

function viewOf(record: Buffer): DataView {
  if (record !== viewed) {
    view = new DataView(record.buffer, record.byteOffset, record.byteLength)
    viewed = record
  }
  return view
}

/**
 * The entry in the first `recordBytes` bytes of `record`, or undefined when they are no sound record: another magic
 * or version, lengths that do not add up, times that are no numbers. Never throws, whatever the bytes are. The
 * checksums are left to `isUndamaged`: what is in memory since then is not read twice.
 */
export function decodeEntry(record: Buffer, recordBytes: number = record.length): Entry | undefined {
  if (recordBytes < prologueBytes) return undefined
  const numbers = viewOf(record)
  if (numbers.getUint32(offset.magic, true) !== magic) return undefined
  const textsEnd = prologueBytes + numbers.getUint32(offset.textsBytes, true)
  const bodyAt = textsEnd + numbers.getUint32(offset.blockBytes, true)
  if (bodyAt + numbers.getUint32(offset.bodyBytes, true) !== recordBytes) return undefined
  const kind = numbers.getUint16(offset.kind, true)
  if (kind === kindVariants) return decodeVariants(record, textsEnd)
  const notModifiedBytes = numbers.getUint32(offset.notModifiedBytes, true)
  const bornAtMs = numbers.getFloat64(offset.bornAtMs, true)
  const freshUntilMs = numbers.getFloat64(offset.freshUntilMs, true)
  const storedAtMs = numbers.getFloat64(offset.storedAtMs, true)
  if (!isResponse(kind) || notModifiedBytes > bodyAt - textsEnd) return undefined
  if (!Number.isFinite(bornAtMs + freshUntilMs + storedAtMs)) return undefined
  const rest = record.subarray(bodyAt, recordBytes)
  const place = kind === kindPlaced ? decodePlace(rest) : undefined
  const slices = kind === kindSliced ? decodeSlices(rest) : undefined
  if (kind !== kindResponse && (place ?? slices) === undefined) return undefined
  return new ResponseEntry(
    record,
    recordBytes,
    numbers.getUint16(offset.status, true),
    numbers.getUint32(offset.flags, true),
    bornAtMs,
    freshUntilMs,
    storedAtMs,
    notModifiedBytes,
    record.subarray(textsEnd, bodyAt),
    rest,
    place,
    numbers.getFloat64(offset.fence, true),
    slices,
  )
}

function isResponse(kind: number): boolean {
  return kind === kindResponse || kind === kindPlaced || kind === kindSliced
}

/** The same entry on its own copy of the bytes: for what must outlive the next `get` or a turn of the loop. */
export function keepEntry(entry: ResponseEntry): ResponseEntry {
  const kept = decodeEntry(Buffer.from(entry.bytes)) as ResponseEntry
  kept.isKept = true
  return kept
}
