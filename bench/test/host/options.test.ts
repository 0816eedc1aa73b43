import t from 'tap'
import type { Measurement } from '../../host/measurement.js'
import { parseOptions } from '../../host/options.js'

const known = ['collapse', 'mesh'].map(
  (name): Measurement => ({
    name,
    summary: `what ${name} is`,
    hasPeers: false,
    run: () => Promise.reject(new Error('not run')),
  }),
)

t.test('parseOptions() gives all measurements and the usual amounts', async t => {
  t.strictSame(parseOptions([], known), {
    measurements: known,
    scale: {
      clients: 1_000,
      readers: 500,
      objectBytes: 50 * 1_048_576,
      seconds: 10,
      photographs: 40,
      bodies: 4_096,
      wakeUps: 2_000,
      connections: 5_000,
      rounds: 5,
      entries: 1_000_000,
    },
    isAlone: false,
    out: undefined,
    install: false,
  })
})

t.test('parseOptions() takes what is asked for', async t => {
  const words = 'mesh --rounds 2 --megabytes 1 --wakeups 3 --alone --install --out here.json'.split(' ')
  t.match(parseOptions(words, known), {
    measurements: [{ name: 'mesh' }],
    scale: { rounds: 2, objectBytes: 1_048_576, wakeUps: 3 },
    isAlone: true,
    install: true,
    out: 'here.json',
  })
})

t.test('parseOptions() refuses what it does not know, and explains', async t => {
  t.throws(() => parseOptions(['mess'], known), {
    message: 'unknown measurement mess; known: collapse, mesh',
  })
  t.throws(() => parseOptions(['--fast'], known), { message: /'--fast'.*\nTry --help\./s, exitCode: 2 })
  for (const text of ['0', '101', '1.5', 'x', '']) {
    const message = `--rounds ${text}: expected a whole number from 1 to 100`
    t.throws(() => parseOptions([`--rounds=${text}`], known), { message })
  }
  t.match(parseOptions(['-h'], known), {
    help: /what mesh is[\s\S]*--readers N +slow-readers: how many \(default 500\)/,
  })
})
