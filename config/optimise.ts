// The part of the settings table about the making of other forms of what is stored: `optimise`.
import { bytes, count, countOrAuto, group, time } from './leaf.js'

export const optimise = group(
  {
    threads: countOrAuto(
      [1, 256],
      'Threads that make other forms, on the whole host; `auto` is one per core but one, at least one.',
    ),
    queueMax: count(
      1_000,
      [1, 100_000],
      'Forms that wait to be made; above it clients get the next best form.',
    ),
    siteQueueMax: count(250, [1, 100_000], 'The same, of one site.'),
    jobMs: time('30s', ['100ms', '1h'], 'What one form may take; then its making is ended.'),
    waitMs: time(
      '10s',
      ['0ms', '10m'],
      'How long a client waits for a form that it cannot do without; then it gets the next best.',
    ),
    decodedBytesMax: bytes(
      '64MiB',
      ['64KiB', '4GiB'],
      'A body that is longer once it is decoded is not decoded: it is served as it came.',
    ),
    inlineBytesMax: bytes(
      '32KiB',
      ['0B', '1MiB'],
      'A body of at most so many bytes is compressed at once when it is first asked for, without waiting for a thread.',
    ),
    inlineMs: time(
      '100ms',
      ['0ms', '1s'],
      'Of each second, how long a worker may compress so; beyond it, it waits for a thread like longer ones.',
    ),
    passStreamsMax: count(
      64,
      [0, 10_000],
      'Answers that a worker compresses at once while they pass without being stored; above it they pass as they are.',
    ),
    passBytesMax: bytes(
      '16MiB',
      ['0B', '1GiB'],
      'Bytes of each second that a worker compresses so; above it further answers pass as they are.',
    ),
    upgradeAfter: count(
      8,
      [0, 1_000_000],
      'Hits of one worker on a compressed form after which it is made anew, as small as it can be, when nothing else is to do; 0 is never.',
    ),
  },
  'The making of compressed and other forms of what is stored.',
)
