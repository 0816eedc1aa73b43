// The part of the settings table that says how the origins of a site are asked: which, how often, how failures count.
// What the words then do is edge/fetch/.
import { choice, count, flag, group, groupOrText, optional, statuses, text, time } from './leaf.js'

export const timeouts = group(
  {
    connectMs: time(
      '3s',
      ['1ms', '10m'],
      'Until the connection to the origin stands; then the answer is 504.',
    ),
    firstByteMs: time(
      '30s',
      ['1ms', '1h'],
      "Until the first byte of the origin's answer; then the answer is 504.",
    ),
    betweenBytesMs: time(
      '30s',
      ['1ms', '1h'],
      'Between two reads from the origin; then the answer is broken off.',
    ),
    idleMs: time(
      '60s',
      ['1ms', '24h'],
      'How long a connection to the origin is kept unused; less when the origin says so.',
    ),
    totalMs: time('10m', ['1ms', '24h'], 'For the whole exchange with the origin; then it is broken off.'),
  },
  'How long the origin may take.',
)

export const origin = groupOrText(
  {
    url: text('origin', 'Scheme, host and port of the origin; a text alone is this URL.'),
    weight: count(1, [1, 1000], 'Its share of the requests, beside the weights of the others.'),
    backup: flag(false, 'Asked only while no other origin of the site is good.'),
  },
  'url',
  'One origin server.',
)

export const balance = choice(
  ['roundRobin', 'leastOutstanding', 'consistentHash'],
  'roundRobin',
  'Which origin is asked next: in turn by weight, the one with the fewest requests on their way, or always the same for the same key.',
)

export const originTls = group(
  {
    caFile: optional(
      text(
        'path',
        'PEM certificates of the authorities that may sign for the origins, instead of the well-known ones.',
      ),
    ),
    name: optional(
      text('tlsName', "The name asked for (SNI) and looked for in the certificate; absent means the URL's."),
    ),
  },
  'TLS to origins with https URLs; a certificate that cannot be verified is never accepted.',
)

const failureStatuses = ' A status or a class.'

export const healthCheck = group(
  {
    path: optional(text('checkPath', 'Asked of each origin with GET; absent means no checks.')),
    statuses: statuses(16, `The answers that count as good.${failureStatuses}`, ['2xx', '3xx']),
    host: optional(text('hostAndPort', "The Host of the request; absent means the origin's own.")),
    intervalMs: time('5s', ['100ms', '1h'], 'From one check of an origin to the next.'),
    timeoutMs: time(
      '2s',
      ['10ms', '10m'],
      'Until the head of the answer is there; then the check has failed.',
    ),
    goodAfter: count(
      2,
      [1, 100],
      'So many good checks in a row, and an origin that was down is asked again.',
    ),
    downAfter: count(3, [1, 100], 'So many failed checks in a row, and the origin is not asked any more.'),
  },
  'Active checks: made once for the host, obeyed by all its workers.',
)

export const ejection = group(
  {
    failures: count(
      5,
      [0, 10_000],
      'So many failures in a row, as one worker sees them, and the origin is not asked for a while; 0 turns that off.',
    ),
    errorPercent: count(
      50,
      [0, 100],
      'The same when so many of the answers within `windowMs` are failures; 0 turns that off.',
    ),
    windowMs: time('10s', ['100ms', '10m'], 'The time over which `errorPercent` is counted.'),
    requestsMin: count(
      20,
      [1, 1_000_000],
      'With fewer answers within `windowMs` their percentage says nothing.',
    ),
    statuses: statuses(
      16,
      `Answers that count as failures, beside broken ones.${failureStatuses}`,
      [502, 503, 504],
    ),
    ejectMs: time(
      '10s',
      ['10ms', '1h'],
      'How long it is not asked the first time; each time after that twice as long.',
    ),
    ejectMaxMs: time('5m', ['10ms', '24h'], 'The longest such time.'),
    slowStartMs: time(
      '10s',
      ['0ms', '1h'],
      'Over this time an origin that comes back gets its full share again.',
    ),
  },
  'Origins whose answers fail are left out for a time, unless there is no other.',
)

export const retries = group(
  {
    triesMax: count(
      3,
      [1, 16],
      'Tries of one request, the first included; more than one only where that is safe.',
    ),
    budgetPercent: count(
      20,
      [0, 100],
      'Of the requests to the origins, how many may be tried again, per worker.',
    ),
    budgetMin: count(
      10,
      [0, 100_000],
      'So many second tries a second are allowed beyond `budgetPercent`, per worker.',
    ),
    statuses: statuses(16, `Answers after which another origin is tried.${failureStatuses}`, [502, 503, 504]),
  },
  'Second tries of requests without effect: on a connection that failed, or an answer that is an error.',
)

export const webSocket = group(
  {
    pass: flag(
      true,
      'Whether WebSockets are passed to the origins; without, a request for one is answered like any other.',
    ),
    idleMs: time('5m', ['1s', '24h'], 'How long a WebSocket stays open while neither end says anything.'),
    closeMs: time('5s', ['1ms', '10m'], 'How long an origin may take to close after all is said.'),
  },
  'WebSockets.',
)
