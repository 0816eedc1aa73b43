// What lies where in the memory that the workers of a host share: described once, here, and turned into offsets. Who
// may write what is said beside each zone; who opens the files is zones.ts.
import { createHash } from 'node:crypto'

/** Numbers as the machine stores them: little-endian wherever we run. */
const sizes = { int32: 4, uint64: 8, float64: 8 }

type Shape = Readonly<Record<string, readonly [kind: keyof typeof sizes, count: number]>>

/** `records` of the same shape, one after the other. */
export interface Zone<Field extends string = string> {
  /** Of the first record, in bytes from the start of the file. */
  readonly offset: number
  readonly recordBytes: number
  readonly records: number
  /** Of each field, in bytes from the start of its record. */
  readonly at: Readonly<Record<Field, number>>
}

/** Raised when the meaning of a field changes but not its place. */
const layoutVersion = 1

/** A line of the cache: two writers of one line slow each other down. */
const lineBytes = 64
const pageBytes = 4096

/** Written once by who makes the file, except `nextOwner`, which anybody adds to. */
const header = {
  magic: ['uint64', 1],
  layout: ['uint64', 1],
  bootId: ['uint64', 2],
  initialised: ['int32', 1],
  /** The number of the next worker, never given twice. */
  nextOwner: ['int32', 1],
} as const satisfies Shape

/** One fill. `word` (state and owner, slot-word.ts) says who may write the rest and what may be read of it. */
const slot = {
  word: ['uint64', 1],
  /** The owner's low bits and how many bytes are written: fills.ts. */
  written: ['uint64', 1],
  fence: ['uint64', 1],
  segment: ['uint64', 1],
  offset: ['uint64', 1],
  /** One more than the length; 0 while it is unknown. */
  total: ['uint64', 1],
  /** Milliseconds of the host's monotonic clock: begun at, orphaned since, or unshared until. */
  timeMs: ['uint64', 1],
  key: ['int32', 4],
} as const satisfies Shape

/** What a worker counts on this ground; its own alone to write while `owner` is its number. */
export const counterNames = [
  'fillsLed',
  'fillsFollowed',
  'fillsUnshared',
  'fillsTakenOver',
  'fillsUncollapsed',
] as const
export type CounterName = (typeof counterNames)[number]

const row = { owner: ['int32', 1], counts: ['float64', counterNames.length] } as const satisfies Shape

/** Two generations of the 256 workers that a host may have. */
const rowsCount = 512

export interface Layout {
  /** Eight hexadecimal digits: files with another name have another layout. */
  readonly name: string
  /** The first word of a file of zones. */
  readonly magic: bigint
  readonly hash: bigint
  readonly bytes: number
  readonly header: Zone<keyof typeof header>
  readonly slots: Zone<keyof typeof slot>
  readonly rows: Zone<keyof typeof row>
}

/** The layout with so many fill slots. */
export function layoutOf(slotsCount: number): Layout {
  const headerZone = zoneOf(header, 1, 0, lineBytes)
  const slots = zoneOf(slot, slotsCount, endOf(headerZone), lineBytes)
  const rows = zoneOf(row, rowsCount, endOf(slots), lineBytes)
  const zones = { header: headerZone, slots, rows }
  const text = JSON.stringify([layoutVersion, zones, counterNames])
  const digest = createHash('sha256').update(text).digest()
  const name = digest.toString('hex', 0, 4)
  const bytes = roundUp(endOf(rows), pageBytes)
  return { name, magic: magicOf('naijzone'), hash: digest.readBigUInt64BE(), bytes, ...zones }
}

/** Frozen for ever: workers of any version agree on it. Written once, except `sequence`, which anybody raises. */
export const purgeLayout = {
  name: 'purge-v1',
  magic: magicOf('naijpurg'),
  bytes: pageBytes,
  offsets: { magic: 0, sequence: 8, bootId: 16 },
} as const

function zoneOf<Field extends string>(
  shape: Readonly<Record<Field, readonly [kind: keyof typeof sizes, count: number]>>,
  records: number,
  offset: number,
  align: number,
): Zone<Field> {
  const at = {} as Record<Field, number>
  let bytes = 0
  for (const name of Object.keys(shape) as Field[]) {
    const [kind, count] = shape[name]
    at[name] = roundUp(bytes, sizes[kind])
    bytes = at[name] + sizes[kind] * count
  }
  return { offset, recordBytes: roundUp(bytes, align), records, at }
}

/** Where the next zone may begin. */
function endOf(zone: Zone): number {
  return roundUp(zone.offset + zone.recordBytes * zone.records, lineBytes)
}

function magicOf(text: string): bigint {
  return Buffer.from(text, 'latin1').readBigUInt64LE()
}

function roundUp(value: number, to: number): number {
  return Math.ceil(value / to) * to
}
