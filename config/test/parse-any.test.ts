// The promise that parsing is total: random damage to a config, as a value and as a text.
import t from 'tap'
import { formatProblems, type ParseResult, parseConfig, parseConfigValue } from '../parse.js'
import { isFrozen, pick, randomFrom } from './support.js'

const strangeKeys = ['__proto__', 'constructor', 'lsten', '', 'a/b~c', '0', 'port', 'name', 'hosts', 'keep']

t.test('parseConfigValue() answers every mutated value, and a good config parses to itself', async t => {
  const random = randomFrom(2)
  let good = 0
  for (let round = 0; round < 3000; round++) {
    const value = mutated(random, richConfig(), 1 + Math.floor(random() * 3))
    const result = parseConfigValue(value)
    const fault = faultOf(result)
    if (fault !== undefined) t.fail(`${fault}: ${JSON.stringify(value)}`)
    if (result.ok) good++
  }
  t.ok(good > 30 && good < 2970, `both outcomes occur: ${good} good`)
})

t.test('parseConfig() answers every mutated text', async t => {
  const random = randomFrom(3)
  for (let round = 0; round < 3000; round++) {
    const text = mangled(random, JSON.stringify(richConfig(), null, 1))
    const fault = faultOf(parseConfig(text))
    if (fault !== undefined) t.fail(`${fault}: ${text}`)
  }
  t.pass('3000 texts')
})

function richConfig(): Record<string, unknown> {
  return {
    listen: [{ address: '127.0.0.1', port: 8080 }, { port: 8081 }],
    workers: 2,
    cache: { directory: '/c', bytesMax: '1GiB' },
    log: { level: 'warn' },
    limits: { headBytesMax: '8KiB' },
    sites: [
      {
        hosts: ['a.example', '*.a.example'],
        origins: ['http://o1', { url: 'https://o2' }],
        timeouts: { totalMs: '1m' },
      },
      { name: 'rest', hosts: ['*'], origins: ['http://o3'], cache: richCache() },
    ],
  }
}

function richCache(): Record<string, unknown> {
  return {
    heuristic: false,
    query: { drop: ['utm_*', 'fbclid'] },
    targets: ['naij-cache-control', 'cdn-cache-control'],
    rules: [
      { status: ['4xx', 500], ttlMs: '5s' },
      { path: '/assets/*', preset: 'fingerprinted' },
      { type: 'image/*', status: 200, ttlMs: 1000, staleIfErrorMs: '1h' },
    ],
  }
}

/** What breaks the promise of a result, or undefined. */
function faultOf(result: ParseResult): string | undefined {
  if (!result.ok) {
    const isTold = result.problems.every(({ message }) => /^[^\n]+, expected [^\n]+$/.test(message))
    const isOneLineEach = formatProblems(result.problems).split('\n').length === result.problems.length
    return result.problems.length > 0 && isTold && isOneLineEach ? undefined : 'a badly told problem'
  }
  if (!isFrozen(result.config)) return 'not frozen'
  const again = parseConfig(JSON.stringify(result.config))
  return again.ok && sameText(again.config, result.config) ? undefined : 'does not parse to itself'
}

function sameText(a: unknown, b: unknown): boolean {
  const sorted = (value: unknown) => JSON.stringify(value).split(/[{},]/).sort().join()
  return sorted(a) === sorted(b)
}

/** New ones each time: a shared list put into itself would go round for ever. */
function strange(): unknown[] {
  return [
    null,
    true,
    0,
    -1,
    1.5,
    1e21,
    Number.NaN,
    10n,
    '',
    '*',
    'auto',
    '1GiB',
    '30s',
    '\u0000\u2028\ud800',
    '/'.repeat(5000),
    [],
    {},
    [[]],
    { url: {} },
    { keep: ['a'] },
    undefined,
    Symbol('s'),
    new Date(0),
  ]
}

/** Replaces, removes or adds something somewhere, `count` times. */
function mutated(random: () => number, root: Record<string, unknown>, count: number): unknown {
  for (let i = 0; i < count; i++) {
    const containers = containersOf(root)
    const container = pick(random, containers)
    const keys = Object.keys(container)
    const key = random() < 0.8 && keys.length > 0 ? pick(random, keys) : pick(random, strangeKeys)
    if (random() < 0.2) Reflect.deleteProperty(container, key)
    else if (random() < 0.1) return pick(random, strange())
    else
      Object.defineProperty(container, key, {
        value: pick(random, strange()),
        enumerable: true,
        configurable: true,
        writable: true,
      })
  }
  return root
}

function containersOf(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return []
  return [value, ...Object.values(value).flatMap(containersOf)]
}

function mangled(random: () => number, text: string): string {
  const at = Math.floor(random() * text.length)
  const end = at + Math.floor(random() * 6)
  const piece = pick(random, [
    '',
    '"',
    '{',
    '}',
    '[',
    ',',
    ':',
    '\\',
    '\u0000',
    '1',
    '-',
    'é',
    text.slice(0, at),
  ])
  return text.slice(0, at) + piece + text.slice(end)
}
