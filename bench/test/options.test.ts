import t from 'tap'
import { type Options, parseOptions } from '../options.js'
import { hit } from '../scenarios/hit.js'
import { miss } from '../scenarios/miss.js'

const known = { scenarios: [hit, miss], peers: ['edge', 'nginx'] }

t.test('parseOptions() has a default for everything', async t => {
  t.strictSame(parseOptions([], known), {
    scenarios: [hit, miss],
    subject: 'edge',
    peers: ['nginx'],
    edgeDirectory: undefined,
    secondsPerRound: 3,
    rounds: 6,
    out: undefined,
    install: false,
  })
})

t.test('parseOptions() reads every flag', async t => {
  const words =
    'miss miss --peers edge,nginx --subject nginx --edge ../old --seconds 9 --rounds 7 --out r.json --install'
  t.strictSame(parseOptions(words.split(' '), known) as Options, {
    scenarios: [miss],
    subject: 'nginx',
    peers: ['edge', 'nginx'],
    edgeDirectory: '../old',
    secondsPerRound: 9,
    rounds: 7,
    out: 'r.json',
    install: true,
  })
})

t.test('parseOptions() gives the help, which names all scenarios and peers', async t => {
  const { help } = parseOptions(['--help'], known) as { help: string }
  for (const word of ['hit', 'miss', 'nginx', '--rounds']) t.ok(help.includes(word), word)
})

t.test('parseOptions() refuses what it does not know and says what it does', async t => {
  const cases: [words: string, message: RegExp][] = [
    ['collapse', /unknown scenario collapse; known: hit, miss/],
    ['--peers varnish', /unknown peer varnish; known: edge, nginx/],
    ['--subject varnish', /unknown peer varnish/],
    ['--seconds 0', /--seconds 0: expected a whole number from 1 to 600/],
    ['--rounds 1.5', /--rounds 1\.5: expected a whole number/],
    ['--rounds 1001', /from 1 to 1000/],
    ['--edge a --edge b', /--edge may be given once/],
    ['--fast', /Unknown option '--fast'[\s\S]*Try --help/],
  ]
  for (const [words, message] of cases) {
    t.throws(() => parseOptions(words.split(' '), known), { name: 'Problem', message, exitCode: 2 }, words)
  }
})
