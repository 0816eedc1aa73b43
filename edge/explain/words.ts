// How an explanation writes times, lengths of time, numbers and field names. Pure; what is said with them is the
// neighbours' matter.

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** From here on two units are read more easily than many seconds. */
const secondsOnlyMs = 2 * MINUTE

/** ECMA-262: no calendar date lies further from the epoch. */
const dateMaxMs = 8.64e15

/** RFC 3339 in UTC; a time that no calendar has is said to be so. */
export function isoTime(ms: number): string {
  return Math.abs(ms) <= dateMaxMs ? new Date(ms).toISOString() : 'beyond the calendar'
}

/** A length of time: `300 ms`, `1.5 s`, `43 s`, `5 min 3 s`, `2 d 4 h`; cut, never rounded up. The sign is not told. */
export function duration(ms: number): string {
  const length = Math.abs(ms)
  if (length < SECOND) return `${Math.floor(length)} ms`
  if (length < 10 * SECOND) return `${Math.floor(length / 100) / 10} s`
  if (length < secondsOnlyMs) return `${Math.floor(length / SECOND)} s`
  if (length < HOUR) return twoUnits(length, MINUTE, 'min', SECOND, 's')
  if (length < 2 * DAY) return twoUnits(length, HOUR, 'h', MINUTE, 'min')
  return twoUnits(length, DAY, 'd', HOUR, 'h')
}

function twoUnits(ms: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((ms % large) / small)
  const first = `${Math.floor(ms / large)} ${largeName}`
  return rest === 0 ? first : `${first} ${rest} ${smallName}`
}

/** Milliseconds as seconds, to the millisecond. */
export function seconds(ms: number): number {
  return Math.round(ms) / 1_000
}

/** `1234567` as `1,234,567`. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',')
}

/** A lower-case field name as it is usually written: `Cache-Control`, `CDN-Cache-Control`, `ETag`. */
export function fieldName(lowerCaseName: string): string {
  if (lowerCaseName === 'etag') return 'ETag'
  return lowerCaseName.replace(/(?:^|-)[a-z]/g, start => start.toUpperCase()).replace(/^Cdn-/, 'CDN-')
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join()
  return `${words.slice(0, -1).join(', ')} and ${words[words.length - 1]}`
}
