// What the origin of a rule's play says, written down as lines: `Expires: {+60}` is a date sixty seconds from then, by
// the play's clock. Bytes go out as they stand here, lawful or not.
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FakeClock } from './clock.js'

export interface Said {
  readonly status: number
  /** `Name: value`. A Date is added unless there is one, or the line `no Date`; a Content-Length likewise. */
  readonly lines: readonly string[]
  /** Absent: the number of the answer within the play, so that it shows which one it is. */
  readonly body?: string
  /** Seconds that pass before it answers. */
  readonly takes?: number
  /** The connection ends: instead of an answer, or when that many bytes of the body are out. */
  readonly cutAt?: number
}

type More = Omit<Said, 'status' | 'lines'>

export function says(status: number, lines: string | readonly string[] = [], more: More = {}): Said {
  return { status, lines: typeof lines === 'string' ? [lines] : lines, ...more }
}

/** No answer: the connection is closed. */
export const resets: Said = { status: 0, lines: [] }

/** What is no HTTP. */
export const babbles: Said = { status: 0, lines: ['babble'] }

export function answerAs(said: Said, socket: Socket, method: string, clock: FakeClock, serial: number): void {
  clock.tick(said.takes ?? 0)
  if (said.status === 0) return void socket.end(said.lines.map(line => `${line}\r\n\r\n`).join(''))
  const body = said.body ?? String(serial)
  const names = new Set(said.lines.map(line => line.split(':', 1)[0].toLowerCase()))
  const lines = said.lines.filter(line => line !== 'no Date').map(line => withDates(line, clock))
  if (!names.has('date') && !names.has('no date')) lines.push(`Date: ${clock.date(0)}`)
  const isFramed = names.has('content-length') || names.has('transfer-encoding')
  const hasBody = said.status >= 200 && said.status !== 204 && said.status !== 304
  if (hasBody && !isFramed) lines.push(`Content-Length: ${body.length}`)
  const start = `HTTP/1.1 ${said.status} ${STATUS_CODES[said.status] ?? ''}`
  socket.write(`${[start, ...lines].join('\r\n')}\r\n\r\n`, 'latin1')
  if (hasBody && method !== 'HEAD') socket.write(body.slice(0, said.cutAt ?? body.length), 'latin1')
  if (said.cutAt !== undefined) socket.end()
}

/** `{+60}` as senders write it, `{850 -60}` and `{asctime 0}` in the older forms (RFC 9110 5.6.7). */
export function withDates(line: string, clock: FakeClock): string {
  return line.replace(/\{(850 |asctime )?([+-]?\d+)\}/g, (_, form: string | undefined, seconds: string) => {
    const date = clock.date(Number(seconds))
    if (form === undefined) return date
    const [day, number, month, year, time] = date.split(/,? /)
    if (form === 'asctime ') return `${day} ${month} ${number.replace(/^0/, ' ')} ${time} ${year}`
    return `${longDays[day]}, ${number}-${month}-${year.slice(2)} ${time} GMT`
  })
}

const longDays: Record<string, string> = {
  Sun: 'Sunday',
  Mon: 'Monday',
  Tue: 'Tuesday',
  Wed: 'Wednesday',
  Thu: 'Thursday',
  Fri: 'Friday',
  Sat: 'Saturday',
}
