// Answers that pass by what is known of their shape: of which it may be learned, for which requests it holds, and that what
// the client gets is what it gets of one that was read.
import t, { type Test } from 'tap'
import { begin } from '../begin.js'
import { weighFor } from '../cache/admit.js'
import type { ResponseEntry } from '../cache/entry.js'
import type { Exchange } from '../exchange.js'
import { AnswerShape, type KnownAnswer, knownAnswers } from '../fetch/known-answer.js'
import { parseHead } from '../fetch/response-head.js'
import type { ImageWork } from '../optimise/image-request.js'
import { learnPassage, type Passage, passageOf, passKnown } from '../pass-known.js'
import type { Plan, SharedPlan } from '../plan.js'
import { NotingResponder, siteOf } from './support/exchange.js'
import { sceneOf } from './support/scene.js'

const skip = knownAnswers === undefined ? 'no addon for the engine' : false
const length = 'Content-Length: 2000\r\n'
const noStore = 'Cache-Control: no-store\r\n'
const shared: SharedPlan = {
  kind: 'shared',
  reason: 'uri-miss',
  stored: undefined,
  flight: undefined,
  slice: undefined,
}
const ordinaryLines = () => ''

const headOf = (lines: string, status = 200) => `HTTP/1.1 ${status} X\r\n${lines}${length}`

/** What is learned of a head by the rules of a site with these settings. */
function learned(
  t: Test,
  lines: string,
  settings: Record<string, unknown> = {},
  status = 200,
): Passage | undefined {
  const { x } = sceneOf(t, { site: siteOf(settings), ordinaryLines })
  const head = headOf(lines, status)
  const shape = new AnswerShape(head)
  t.equal(passageOf(x, shared, shape), 'unknown')
  learnPassage(shape, x.site!, weighFor(x, { sentMs: Date.now(), fence: 0 }, status, parseHead(head).fields))
  return passageOf(x, shared, shape) as Passage | undefined
}

const compressless = { optimise: { compressPassed: false } }
const passing: [row: string, lines: string, settings?: Record<string, unknown>, status?: number][] = [
  ['no-store', noStore],
  ['private', 'Cache-Control: private\r\n'],
  ['Vary: *', 'Vary: *\r\n'],
  ['a coding that we cannot select by', 'Vary: accept-encoding\r\nContent-Encoding: x\r\n'],
  ['Set-Cookie', 'Set-Cookie: a=b\r\n'],
  ['nothing said, no validators', 'Server: x\r\n'],
  ['a redirection', noStore, {}, 302],
  ['validators where they do not count', `ETag: "a"\r\nLast-Modified: x\r\n${noStore}`],
  ['a targeted field', 'CDN-Cache-Control: no-store\r\nCache-Control: max-age=60\r\n'],
  ['Surrogate-Control', 'Surrogate-Control: no-store\r\n', { cache: { surrogateControl: true } }],
  ['a page, where nothing is compressed', `Content-Type: text/html\r\n${noStore}`, compressless],
  ['what must not be compressed', 'Content-Type: text/html\r\nCache-Control: private, no-transform\r\n'],
  ['what is compressed already', `Content-Type: text/html\r\nContent-Encoding: br\r\n${noStore}`],
]
const unlike: typeof passing = [
  ['what may be stored', 'Cache-Control: max-age=60\r\n'],
  ['Set-Cookie where that is stored', 'Set-Cookie: a\r\nETag: "a"\r\n', { cache: { storeSetCookie: true } }],
  ['a validator that makes it worth storing', 'Last-Modified: x\r\n'],
  ['an Age', `Age: 0\r\n${noStore}`],
  ['Expires', `Expires: 0\r\n${noStore}`],
  ['an error', noStore, {}, 404],
  ['one that may be served instead of', noStore, {}, 503],
  ['a part', noStore, {}, 206],
  ['204', noStore, {}, 204],
  ['205', noStore, {}, 205],
  ['rules of the site', noStore, { cache: { rules: [{ path: '/a', ttlMs: '1s' }] } }],
  ['a preset that guesses', noStore, { cache: { preset: 'smart' } }],
  ['a page that is compressed as it passes', `Content-Type: text/html\r\n${noStore}`],
]

t.test('learnPassage(): of which answers it is known how all of their shape pass', async t => {
  for (const [row, lines, settings, status] of passing)
    t.match(learned(t, lines, settings, status), { verdict: { store: false } }, row)
  for (const [row, lines, settings, status] of unlike)
    t.equal(learned(t, lines, settings, status), undefined, row)
})

t.test('it is known for the rules of one site, not for those of another', async t => {
  const { x } = sceneOf(t, { site: siteOf(), ordinaryLines })
  const shape = new AnswerShape(headOf(noStore))
  const { fields } = parseHead(headOf(noStore))
  learnPassage(shape, x.site!, weighFor(x, { sentMs: 0, fence: 0 }, 200, fields))
  t.equal(passageOf({ ...x, site: siteOf() }, shared, shape), 'unknown')
  t.match(passageOf(x, shared, shape), { verdict: { reason: 'no-store' } })
})

t.test('which lines clients get', async t => {
  const lines =
    'Connection: keep-alive, a\r\nA: 1\r\nB: 2\r\nDate: x\r\nCache-Tag: y\r\nLocation: c\r\nlocation: d\r\n'
  t.match(learned(t, lines), { lines: [0b100100, 0] })
  t.match(learned(t, lines, { cache: { keepTags: true } }), { lines: [0b110100, 0] })
  const hsts = `Strict-Transport-Security: max-age=1\r\n${noStore}`
  t.match(learned(t, hsts), { lines: [0b11, 0] })
  t.match(learned(t, hsts, { https: { hstsMs: '1h' } }), { lines: [0b10, 0] })
  t.match(learned(t, 'A: b\r\n'.repeat(50)), { lines: [0xffff_ffff, 0x3_ffff] }, 'more than 32')
})

const requests: [row: string, given: Partial<Exchange>, plan: Plan][] = [
  ['another method', { method: 'HEAD' }, shared],
  ['something stored', { storedKey: 'k' }, shared],
  ['something to compare', {}, { ...shared, stored: {} as ResponseEntry }],
  ['an image in another form', { image: {} as ImageWork }, shared],
  ['a part that is asked for', {}, { ...shared, slice: { first: 0, last: 1 } }],
  ['fields that mean more', { ordinaryLines: () => undefined }, shared],
  ['an engine that has no lines', { ordinaryLines: undefined }, shared],
]

t.test('passageOf(): for which requests it does not hold', async t => {
  const shape = new AnswerShape(headOf(noStore))
  for (const [row, given, plan] of requests) {
    const { x } = sceneOf(t, { ordinaryLines, ...given })
    t.equal(passageOf(x, plan, shape), undefined, row)
  }
  const { x } = sceneOf(t, { ordinaryLines })
  t.equal(passageOf(x, { kind: 'alone', reason: 'request', stored: undefined }, shape), 'unknown')
})

/** In a buffer of its own, and known: the second where the first is strange. */
function knownOf(head: string): KnownAnswer {
  const read = () => knownAnswers!.read(Buffer.from(`${head}\r\n`, 'latin1'), 0)
  read()
  return read()!
}

t.test('passKnown() says what begin() says', { skip }, async t => {
  const dates = [
    '',
    'Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n',
    'Date: Sat, 06 Nov 2094 08:49:37 GMT\r\n',
    'Date: no date, though of its length\r\n',
  ]
  for (const date of dates) {
    for (const [row, lines, settings = {}, status = 200] of passing) {
      for (const kind of ['shared', 'alone'] as const) {
        for (const isDraining of [false, true]) {
          const passage = learned(t, date + lines, settings, status)
          const head = headOf(date + lines, status)
          const known = sceneOf(t, { site: siteOf(settings), ordinaryLines, reason: 'uri-miss' })
          const edge = { ...known.edge, isDraining }
          const sentMs = Date.now() - 3_000
          passKnown(edge, known.x, knownOf(head), passage!, kind, sentMs)
          const responder = new NotingResponder()
          const x = { ...known.x, status: 0, detail: '', responder }
          const answer = weighFor(x, { sentMs, fence: 0 }, status, parseHead(head).fields)
          begin(edge, x, answer, { isShared: kind === 'shared', isStored: false })
          const ageless = (all: string[]) => all.map(line => line.replace(/^(Age: \d+)\d{2}$/, '$1'))
          t.strictSame(ageless(known.responder.lines()), ageless(responder.lines()), row)
          t.strictSame(known.responder.notes, responder.notes, row)
          t.equal(known.responder.closeAfter, isDraining)
          t.match(known.x, { status: x.status, detail: x.detail }, row)
        }
      }
    }
  }
})
