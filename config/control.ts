// The settings of control, and how a value becomes them: the same reader and words as those of the edge.
import { checkOf } from './check.js'
import { compile } from './compile.js'
import { fill } from './fill.js'
import { readJson } from './json.js'
import { bytes, choice, count, group, optional, type Parsed, port, text, time } from './leaf.js'
import { isPlain } from './plain.js'
import { type Fault, type Problem, problemsOf } from './problems.js'

export const controlSettings = group(
  {
    listen: group(
      {
        address: text('address', 'The address it listens on.', { default: '127.0.0.1' }),
        port: Object.assign(port('The port.'), { default: 8090 }),
        socket: optional(text('path', 'A unix socket beside it, for edges and admins of this machine.')),
        certFile: optional(text('path', 'With `keyFile`: the port speaks TLS; PEM, the whole chain.')),
        keyFile: optional(text('path', 'The key of `certFile`, PEM.')),
      },
      'Where admins and edges connect.',
    ),
    state: group(
      {
        directory: text('path', 'Where everything is kept that control knows.', { default: './var/control' }),
      },
      'What has to last.',
    ),
    log: group(
      {
        level: choice(
          ['debug', 'info', 'warn', 'error'],
          'info',
          'The least severe messages that are logged.',
        ),
      },
      'Log lines on standard output.',
    ),
    limits: group(
      {
        bodyBytesMax: bytes('1MiB', ['1KiB', '64MiB'], 'A longer request body is answered with 413.'),
        importBytesMax: bytes('64MiB', ['1KiB', '1GiB'], 'A longer import is answered with 413.'),
        sitesMax: count(10_000, [1, 100_000], 'Sites that may exist.'),
        versionsMax: count(
          1_000,
          [2, 100_000],
          'Versions of one site that are kept; above it none is begun.',
        ),
        tokensMax: count(1_000, [1, 100_000], 'Tokens that may exist.'),
        repliesMax: count(
          10_000,
          [1, 1_000_000],
          'Answers that are remembered for Idempotency-Key; above it the oldest are forgotten.',
        ),
        edgesMax: count(1_000, [1, 100_000], 'Edges that may be known.'),
        feedEntriesMax: count(
          100_000,
          [100, 10_000_000],
          'Activations and purges that are kept for edges that are away; who misses older ones takes the snapshot.',
        ),
        feedMs: time('7d', ['1h', '365d'], 'How long they are kept, and the receipts of purges with them.'),
        heartbeatMs: time('5s', ['100ms', '1m'], 'How often an edge hears that control is there.'),
        waitMs: time('30s', ['100ms', '5m'], 'The longest that `Prefer: wait` holds an answer back.'),
        waitersMax: count(1_000, [1, 100_000], 'Answers that are held back at once; others come at once.'),
        requestsPerMinuteMax: count(6_000, [1, 10_000_000], 'Requests of one token; above it 429.'),
        refusalsPerMinuteMax: count(
          60,
          [1, 1_000_000],
          'Requests without a valid token, of one address, that are audited; above it 429.',
        ),
        purgeItemsPerMinuteMax: count(
          10_000,
          [1, 10_000_000],
          'URLs, prefixes and tags that one token purges.',
        ),
        purgeSitesPerMinuteMax: count(60, [1, 1_000_000], 'Purges of a whole site, or of all, by one token.'),
        usageMs: time(
          '400d',
          ['1d', '3650d'],
          'How long what sites have used is kept by the hour; months stay.',
        ),
        eventsMax: count(1_000, [10, 100_000], 'Events that are kept for streams that broke off.'),
        tailsMax: count(20, [1, 1_000], 'Streams of requests that may be watched at once.'),
        replyMs: time('24h', ['1m', '7d'], 'How long the answer to an Idempotency-Key is remembered.'),
      },
      'How much of everything.',
    ),
  },
  'Control.',
)

export type ControlConfig = Parsed<typeof controlSettings>

const check = checkOf(controlSettings, compile(controlSettings))

export type ParsedControl =
  | { readonly ok: true; readonly config: ControlConfig }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** All defaults are filled in; everything that is wrong is told at once. */
export function parseControl(text: string): ParsedControl {
  const json = readJson(text)
  if (!json.ok) return { ok: false, problems: [{ path: '', message: json.message }] }
  const filled = fill(controlSettings, json.value)
  const faults = [...check(filled, json.value), ...pairFaults(filled)]
  if (faults.length > 0) return { ok: false, problems: problemsOf(faults) }
  return { ok: true, config: filled as ControlConfig }
}

/** One without the other is a mistake. */
function pairFaults(filled: unknown): Fault[] {
  const listen = isPlain(filled) && isPlain(filled.listen) ? filled.listen : {}
  const lacking = (['certFile', 'keyFile'] as const).filter(name => listen[name] === undefined)
  if (lacking.length !== 1) return []
  return [
    { segments: ['listen', lacking[0]!], message: 'is missing, expected both certFile and keyFile, or none' },
  ]
}
