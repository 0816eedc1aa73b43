// HTTP-date (RFC 9110 5.6.7): the three forms a recipient must read, and the one a sender writes.

import { remembering } from './remember.js'

const DAYS = 'Sun|Mon|Tue|Wed|Thu|Fri|Sat'
const LONG_DAYS = 'Sunday|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday'
const MONTHS = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec'
const TIME = '(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)'

/** RFC 9110 makes them case-sensitive; senders do not always know, and no other meaning is possible. */
const IMF_FIXDATE = new RegExp(
  `^(?:${DAYS}), (?<day>\\d\\d) (?<month>${MONTHS}) (?<year>\\d{4}) ${TIME} GMT$`,
  'i',
)
const RFC_850 = new RegExp(
  `^(?:${LONG_DAYS}), (?<day>\\d\\d)-(?<month>${MONTHS})-(?<year>\\d\\d) ${TIME} GMT$`,
  'i',
)
const ASCTIME = new RegExp(
  `^(?:${DAYS}) (?<month>${MONTHS}) (?<day>\\d\\d| \\d) ${TIME} (?<year>\\d{4})$`,
  'i',
)

/** The longest date there is: `Wednesday, 06-Nov-94 08:49:37 GMT`. */
const DATE_BYTES_MAX = 33

/** The last and the first instant that four digits of a year can write. */
const INSTANT_MAX_MS = Date.UTC(9999, 11, 31, 23, 59, 59)
const INSTANT_MIN_MS = Date.parse('0000-01-01T00:00:00Z')

/** The instant in ms, or undefined when the month has no such day or the day no such time. */
function instant(year: number, parts: Record<string, string>): number | undefined {
  const month = MONTHS.toLowerCase().indexOf(parts.month.toLowerCase()) / 4
  const day = Number(parts.day)
  const hour = Number(parts.hour)
  const minute = Number(parts.minute)
  const second = Number(parts.second)
  // 60 is a leap second (RFC 9110 5.6.7).
  if (hour > 23 || minute > 59 || second > 60) return undefined
  const date = new Date(0)
  date.setUTCFullYear(year, month, day)
  if (date.getUTCMonth() !== month || date.getUTCDate() !== day) return undefined
  return date.setUTCHours(hour, minute, second)
}

/** RFC 9110 5.6.7: the latest year with these two digits that is not more than 50 years in the future. */
function instantOfShortYear(parts: Record<string, string>, now: number): number | undefined {
  const limit = new Date(now)
  limit.setUTCFullYear(limit.getUTCFullYear() + 50)
  const century = Math.floor(limit.getUTCFullYear() / 100) * 100
  const year = century + Number(parts.year)
  const first = instant(year, parts)
  if (first !== undefined && first <= limit.getTime()) return first
  return instant(year - 100, parts)
}

/**
 * The instant that `text` names in ms since the epoch, or undefined when it is in none of the three forms exactly.
 * `now` only decides the century of a two-digit year. The name of the day is not compared with the date.
 */
export function parseDate(text: string, now: number): number | undefined {
  if (text.length > DATE_BYTES_MAX) return undefined
  const full = fullDate(text)
  if (full !== null) return full
  const short = RFC_850.exec(text)?.groups
  return short && instantOfShortYear(short, now)
}

/** With all digits of the year; null when it is in neither of those forms. One Date is that of a second's answers. */
const fullDate = remembering((text): number | undefined | null => {
  const parts = (IMF_FIXDATE.exec(text) ?? ASCTIME.exec(text))?.groups
  return parts ? instant(Number(parts.year), parts) : null
})

/** The IMF-fixdate of an instant in ms; one that no date can write becomes the nearest that can. */
export function formatDate(ms: number): string {
  const bounded = Math.min(Math.max(ms, INSTANT_MIN_MS), INSTANT_MAX_MS)
  return new Date(Number.isNaN(bounded) ? 0 : bounded).toUTCString()
}
