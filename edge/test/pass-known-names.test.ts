// The names whose values make the shape of an answer are a list of native/'s. This holds it to what is read here: whatever a
// name is that stands anywhere in the sources, two answers that differ in its value alone are of two shapes, or the same is
// decided of both.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { weighFor } from '../cache/admit.js'
import { AnswerShape, type KnownAnswer, knownAnswers } from '../fetch/known-answer.js'
import { parseHead } from '../fetch/response-head.js'
import { learnPassage, passageOf } from '../pass-known.js'
import type { SharedPlan } from '../plan.js'
import { exchangeOf, siteOf } from './support/exchange.js'
import { root } from './support/root.js'

const skip = knownAnswers === undefined ? 'no addon for the engine' : false

/** All words that may be names of fields, where answers are read. */
function namesInSources(): Set<string> {
  const names = new Set(['my-cache-control', 'x-anything'])
  for (const directory of ['http', 'cache', 'fetch', 'respond', 'optimise', 'slices', '.']) {
    const files = readdirSync(join(root, 'edge', directory)).filter(name => name.endsWith('.ts'))
    for (const file of files) {
      const text = readFileSync(join(root, 'edge', directory, file), 'utf8')
      for (const [, name] of text.matchAll(/'([A-Za-z]+(?:-[A-Za-z]+)*)'/g)) names.add(name!.toLowerCase())
    }
  }
  for (const framing of ['content-length', 'transfer-encoding', 'date']) names.delete(framing)
  return names
}

const values = [
  ...['', 'no-store', 'private', 'public, s-maxage=60', 'max-age=60', 'no-transform', 'must-understand'],
  ...[
    '*',
    'accept-encoding',
    'x-forwarded-for',
    'gzip',
    'x-other',
    'close',
    'keep-alive, a',
    'timeout=1',
    'bytes',
  ],
  ...['text/html', 'image/png', 'text/event-stream', '"a"', 'Sun, 06 Nov 1994 08:49:37 GMT', '60', 'a=b'],
]
/** An answer of each kind that passes, to which the field is added. */
const others = [
  'Server: a\r\n',
  'A: b\r\nSet-Cookie: a=b\r\n',
  'Cache-Control: no-store\r\nContent-Type: text/html\r\n',
  'Vary: accept-encoding\r\nContent-Encoding: x\r\n',
  'Vary: *\r\n',
]
const plan: SharedPlan = {
  kind: 'shared',
  reason: 'uri-miss',
  stored: undefined,
  flight: undefined,
  slice: undefined,
}
const sites = [
  siteOf(),
  siteOf({
    optimise: { compressPassed: false },
    cache: { surrogateControl: true, targets: ['my-cache-control'], keepTags: true, heuristic: false },
  }),
]

const exchanges = sites.map(site => exchangeOf({ site, ordinaryLines: () => '' }))

/** Whether such answers pass, and how; and what becomes of their connection. */
function decided(head: string): string {
  const shape = new AnswerShape(head)
  const { status, fields } = parseHead(head)
  const passages = exchanges.map(x => {
    learnPassage(shape, x.site!, weighFor(x, { sentMs: 0, fence: 0 }, status, fields))
    return passageOf(x, plan, shape)
  })
  return JSON.stringify([passages, shape.isPersistent, shape.idleMaxMs])
}

const byShape = new WeakMap<AnswerShape, string>()

/** What was decided of the first head of the same shape. */
function decidedBefore(head: string): string {
  const bytes = Buffer.from(`${head}\r\n`, 'latin1')
  let known: KnownAnswer | undefined
  while (known === undefined) known = knownAnswers!.read(bytes, 0)
  const before = byShape.get(known.shape) ?? decided(head)
  byShape.set(known.shape, before)
  return before
}

t.test('what is decided of an answer that passes is the same for all of its shape', { skip }, async t => {
  const names = namesInSources()
  for (const name of ['vary', 'cdn-cache-control', 'etag', 'x-anything']) t.ok(names.has(name), name)
  const faults = new Set<string>()
  for (const name of names) {
    for (const other of others) {
      for (const value of values) {
        const head = `HTTP/1.1 200 OK\r\n${other}${name}: ${value}\r\nContent-Length: 2000\r\n`
        if (decidedBefore(head) !== decided(head)) faults.add(`${name}: ${value}`)
      }
    }
  }
  t.strictSame([...faults], [], `${names.size} names`)
})
