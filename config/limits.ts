// The part of the settings table that says how much clients may use of the edge.
import { bytes, count, group, time } from './leaf.js'

export const limits = group(
  {
    headBytesMax: bytes('16KiB', ['4KiB', '64KiB'], 'Bytes of a request head; above it the answer is 431.'),
    targetBytesMax: bytes(
      '8KiB',
      ['256B', '64KiB'],
      'Bytes of a request target; above it the answer is 414.',
    ),
    bodyBytesMax: bytes('1GiB', ['0B', '64TiB'], 'Bytes of a request body; above it the answer is 413.'),
    uploadBytesPerSecondMin: count(
      500,
      [0, 1_048_576],
      'Bytes of a request body that have to come each second, over ten seconds in which its client is not told to wait; below it the answer is 408. 0 turns that off.',
    ),
    uploadMemoryBytesMax: bytes(
      '1MiB',
      ['0B', '1GiB'],
      'Bytes of one request body that wait in memory for the origin; beyond it they go to a spool file.',
    ),
    spoolBytesMax: bytes(
      '4GiB',
      ['0B', '64TiB'],
      'Bytes of all spool files of one worker; above it the answer is 503.',
    ),
    stalledBytesMax: bytes(
      '256MiB',
      ['1MiB', '64GiB'],
      'Response bytes copied for slow readers, per worker; beyond it the slowest answers are broken off.',
    ),
    usageBytesMax: bytes(
      '256MiB',
      ['8MiB', '64GiB'],
      'Bytes on the disk of what sites have used, until control has taken it; above it their use is not counted.',
    ),
    diskReadsMax: count(
      64,
      [1, 4_096],
      'Stored bodies of which a piece of 64 KiB is waited for from the disk at once, per worker; the others wait their turn.',
    ),
    webSocketsMax: count(10_000, [0, 1_000_000], 'Open WebSockets per worker; above it the answer is 503.'),
    webSocketMessageBytesMax: bytes(
      '1MiB',
      ['1KiB', '256MiB'],
      'Bytes of one message of a client over a WebSocket; above it that one is broken off.',
    ),
    webSocketBufferBytesMax: bytes(
      '256KiB',
      ['1KiB', '256MiB'],
      'Bytes that wait for the client of a WebSocket; above it its origin is not read from.',
    ),
    purgeRulesMax: count(
      100_000,
      [100, 1_000_000],
      'Purges in force at once; above it the answer is 429. Each is in force for a minute, those that are no single URL until what they name is gone too; above half of it, for two seconds.',
    ),
    purgePrefixesMax: count(
      1_000,
      [1, 100_000],
      'Prefixes of one site that are purged at once; above it the answer is 429.',
    ),
    purgeItemsMax: count(1_000, [1, 100_000], 'Items of one purge; above it the answer is 400.'),
    dryRunMs: time('1s', ['10ms', '5s'], 'How long the cache is searched for what a purge would take.'),
    loopLagMaxMs: time(
      '250ms',
      ['10ms', '1m'],
      'How late a worker may be, for half a second on end; then it turns away new connections and what would ask an origin (503), until it is better.',
    ),
    residentBytesMax: bytes('8GiB', ['64MiB', '64TiB'], 'Resident memory of a worker; above it the same.'),
    exchangesMax: count(
      20_000,
      [1, 1_000_000],
      'Requests in progress per worker; above it the answer is 503.',
    ),
  },
  'What a client may use.',
)
