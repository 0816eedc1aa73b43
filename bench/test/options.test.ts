import t from 'tap'
import type { Measurement } from '../host/measurement.js'
import { type Options, parseOptions } from '../options.js'
import { hit } from '../scenarios/hit.js'
import { miss } from '../scenarios/miss.js'

const mesh: Measurement = {
  name: 'mesh',
  summary: 'what mesh is',
  hasPeers: false,
  run: () => Promise.reject(new Error('not run')),
}
const known = { scenarios: [hit, miss], measurements: [mesh], peers: ['edge', 'nginx'], cores: 4 }
const scale = {
  clients: 1_000,
  readers: 500,
  objectBytes: 50 * 1_048_576,
  seconds: 10,
  photographs: 40,
  bodies: 4_096,
  wakeUps: 2_000,
  connections: 20_000,
  rounds: 5,
  entries: 1_000_000,
}

t.test('parseOptions() has a default for everything', async t => {
  t.strictSame(parseOptions([], known), {
    scenarios: [hit, miss],
    measurements: [mesh],
    scale,
    subject: 'edge',
    peers: ['nginx'],
    edgeDirectory: undefined,
    secondsPerRound: 3,
    rounds: 6,
    roundsMax: 20,
    workers: undefined,
    countsSyscalls: false,
    isGate: false,
    earlier: undefined,
    out: undefined,
    install: false,
  })
})

t.test('parseOptions() reads every flag', async t => {
  const words =
    'miss miss --peers edge,nginx --subject nginx --edge ../old --seconds 9 --rounds 7 --rounds-max 8 --workers 3 ' +
    '--syscalls --gate --compare old.json --out r.json --install --megabytes 1 --wakeups 2'
  t.strictSame(parseOptions(words.split(' '), known) as Options, {
    scenarios: [miss],
    measurements: [],
    scale: { ...scale, seconds: 9, rounds: 7, objectBytes: 1_048_576, wakeUps: 2 },
    subject: 'nginx',
    peers: ['edge', 'nginx'],
    edgeDirectory: '../old',
    secondsPerRound: 9,
    rounds: 7,
    roundsMax: 8,
    workers: 3,
    countsSyscalls: true,
    isGate: true,
    earlier: 'old.json',
    out: 'r.json',
    install: true,
  })
})

t.test('parseOptions() knows all cores, nobody, and cases', async t => {
  t.match(parseOptions('mesh --workers all --peers none'.split(' '), known), {
    scenarios: [],
    measurements: [mesh],
    workers: 4,
    peers: [],
  })
  const { scenarios } = parseOptions(['hit', '--case', '1 MB'], known) as Options
  t.strictSame(
    scenarios.map(({ name, cases }) => [name, cases.length]),
    [['hit', 1]],
  )
  t.match(parseOptions(['--rounds', '30'], known), { rounds: 30, roundsMax: 30 })
})

t.test('parseOptions() gives the help, which names all scenarios, measurements and peers', async t => {
  const { help } = parseOptions(['-h'], known) as { help: string }
  for (const word of ['hit', 'miss', 'what mesh is', 'nginx', '--rounds-max']) t.ok(help.includes(word), word)
  t.match(help, /--readers N +slow-readers: how many \(default 500\)/)
})

t.test('parseOptions() refuses what it does not know and says what it does', async t => {
  const cases: [words: string, message: RegExp][] = [
    ['collapse', /unknown scenario collapse; known: hit, miss, mesh/],
    ['--peers varnish', /unknown peer varnish; known: edge, nginx/],
    ['--subject varnish', /unknown peer varnish/],
    ['--case 2KB', /unknown case 2KB; known: 1 KB, 10 KB/],
    ['--seconds 0', /--seconds 0: expected a whole number from 1 to 600/],
    ['--rounds 1.5', /--rounds 1\.5: expected a whole number/],
    ['--rounds 1001', /from 1 to 1000/],
    ['--rounds 8 --rounds-max 7', /--rounds-max 7: expected a whole number from 8 to 1000/],
    ['--workers some', /--workers some: expected a whole number from 1 to 256/],
    ['--readers 4001', /--readers 4001: expected a whole number from 1 to 4000/],
    ['--edge a --edge b', /--edge may be given once/],
    ['--fast', /Unknown option '--fast'[\s\S]*Try --help/],
  ]
  for (const [words, message] of cases) {
    t.throws(() => parseOptions(words.split(' '), known), { name: 'Problem', message, exitCode: 2 }, words)
  }
})
