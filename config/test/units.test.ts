import t from 'tap'
import { formatBytes, formatMilliseconds, parseBytes, parseMilliseconds } from '../units.js'

t.test('parseBytes() reads decimal and binary sizes', async t => {
  const cases: [string, number | undefined][] = [
    ['0B', 0],
    ['1B', 1],
    ['1kB', 1000],
    ['1KB', 1000],
    ['1MB', 1_000_000],
    ['2GB', 2_000_000_000],
    ['1TB', 1e12],
    ['64KiB', 65_536],
    ['64 KiB', 65_536],
    ['1MiB', 1_048_576],
    ['10GiB', 10 * 2 ** 30],
    ['1TiB', 2 ** 40],
    ['1.5MiB', 1_572_864],
    ['0.5KiB', 512],
    ['1.1MB', 1_100_000],
    ['0.0001B', undefined],
    ['1.1B', undefined],
    ['', undefined],
    ['12', undefined],
    ['KiB', undefined],
    ['1kib', undefined],
    ['1  KiB', undefined],
    ['-1KiB', undefined],
    ['1e3B', undefined],
    [' 1B', undefined],
    ['1B\n', undefined],
    ['١B', undefined],
    ['9007199254740991B', 9_007_199_254_740_991],
    ['9007199254740992B', undefined],
    ['9999999999999999TiB', undefined],
    ['30s', undefined],
  ]
  for (const [text, bytes] of cases) t.equal(parseBytes(text), bytes, JSON.stringify(text))
})

t.test('parseMilliseconds() reads times', async t => {
  const cases: [string, number | undefined][] = [
    ['0ms', 0],
    ['500ms', 500],
    ['30s', 30_000],
    ['1.1s', 1100],
    ['10m', 600_000],
    ['24h', 86_400_000],
    ['7d', 604_800_000],
    ['1.5ms', undefined],
    ['30', undefined],
    ['30S', undefined],
    ['1w', undefined],
    ['1h30m', undefined],
  ]
  for (const [text, milliseconds] of cases)
    t.equal(parseMilliseconds(text), milliseconds, JSON.stringify(text))
})

t.test('formatBytes() and formatMilliseconds() are read back as the same value', async t => {
  for (const bytes of [0, 1, 1000, 1024, 65_536, 1_572_864, 2 ** 30, 2 ** 46]) {
    t.equal(parseBytes(formatBytes(bytes)), bytes, formatBytes(bytes))
  }
  for (const milliseconds of [0, 1, 1500, 30_000, 600_000, 86_400_000, 5_400_000]) {
    t.equal(
      parseMilliseconds(formatMilliseconds(milliseconds)),
      milliseconds,
      formatMilliseconds(milliseconds),
    )
  }
  t.equal(formatBytes(65_536), '64KiB')
  t.equal(formatBytes(1000), '1000B')
  t.equal(formatMilliseconds(90_000), '90s')
})
