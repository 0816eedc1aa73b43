// The settings of control, and how a value becomes them: the same reader and words as those of the edge.
import { checkOf } from './check.js'
import { fill } from './fill.js'
import { readJson } from './json.js'
import { bytes, choice, count, group, type Parsed, port, text, time } from './leaf.js'
import { type Problem, problemsOf } from './problems.js'

export const controlSettings = group(
  {
    listen: group(
      {
        address: text('address', 'The address it listens on.', { default: '127.0.0.1' }),
        port: Object.assign(port('The port.'), { default: 8090 }),
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
        replyMs: time('24h', ['1m', '7d'], 'How long the answer to an Idempotency-Key is remembered.'),
      },
      'How much of everything.',
    ),
  },
  'Control.',
)

export type ControlConfig = Parsed<typeof controlSettings>

const check = checkOf(controlSettings)

export type ParsedControl =
  | { readonly ok: true; readonly config: ControlConfig }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** All defaults are filled in; everything that is wrong is told at once. */
export function parseControl(text: string): ParsedControl {
  const json = readJson(text)
  if (!json.ok) return { ok: false, problems: [{ path: '', message: json.message }] }
  const filled = fill(controlSettings, json.value)
  const faults = check(filled, json.value)
  if (faults.length > 0) return { ok: false, problems: problemsOf(faults) }
  return { ok: true, config: filled as ControlConfig }
}
