// Sizes and times as people write them ("10GiB", "30s") to and from plain integers: bytes and milliseconds.
// Which setting takes which, and within what range, is for settings.ts.

/** From the largest to the smallest: formatting takes the first that divides evenly. */
const byteUnits: ReadonlyArray<readonly [string, number]> = [
  ['TiB', 2 ** 40],
  ['GiB', 2 ** 30],
  ['MiB', 2 ** 20],
  ['KiB', 2 ** 10],
  ['TB', 1e12],
  ['GB', 1e9],
  ['MB', 1e6],
  ['kB', 1e3],
  ['KB', 1e3],
  ['B', 1],
]

const timeUnits: ReadonlyArray<readonly [string, number]> = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
]

/** Bounded digits, so that no text is too long to read: more than any setting allows. */
const quantity = /^(\d{1,16})(?:\.(\d{1,6}))? ?([A-Za-z]{1,3})$/

/** "10GiB", "64 KiB", "1.5MB" -> bytes; undefined when it is not a size or not a whole number of bytes. */
export function parseBytes(text: string): number | undefined {
  return parseQuantity(text, byteUnits)
}

/** "500ms", "30s", "10m", "24h", "7d" -> milliseconds; undefined when it is not a time or not whole milliseconds. */
export function parseMilliseconds(text: string): number | undefined {
  return parseQuantity(text, timeUnits)
}

/** 65536 -> "64KiB"; what no binary unit divides evenly stays bytes: 1000 -> "1000B". */
export function formatBytes(bytes: number): string {
  const binaryOrBytes = byteUnits.filter(([name]) => name.endsWith('iB') || name === 'B')
  return formatQuantity(bytes, binaryOrBytes)
}

/** 600000 -> "10m", 1500 -> "1500ms". */
export function formatMilliseconds(milliseconds: number): string {
  return formatQuantity(milliseconds, timeUnits)
}

function parseQuantity(text: string, units: ReadonlyArray<readonly [string, number]>): number | undefined {
  const match = quantity.exec(text)
  if (!match) return undefined
  const [, whole, fraction = '', name] = match
  const unit = units.find(([unitName]) => unitName === name)
  if (!unit) return undefined
  // Integers all the way: 1.1 * 1000 in floating point is not 1100.
  const scaled = BigInt(whole + fraction) * BigInt(unit[1])
  const scale = 10n ** BigInt(fraction.length)
  const value = Number(scaled / scale)
  return scaled % scale === 0n && Number.isSafeInteger(value) ? value : undefined
}

function formatQuantity(value: number, units: ReadonlyArray<readonly [string, number]>): string {
  const [smallestName] = units[units.length - 1]!
  if (value === 0) return `0${smallestName}`
  const fitting = units.find(([, size]) => value % size === 0)
  return fitting ? `${value / fitting[1]}${fitting[0]}` : `${value}${smallestName}`
}
