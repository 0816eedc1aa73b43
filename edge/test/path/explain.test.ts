// Plays: what the edge explains of a request is what it then does with it, and explaining leaves no trace.
import t from 'tap'
import type { Explanation } from '../../explain/explanation.js'
import { readQuestion } from '../../explain/question.js'
import { renderText } from '../../explain/text.js'
import type { Request } from '../support/client.js'
import { always, cacheStatus, type Play, play, until } from '../support/play.js'

/** Asks as `ask` would; the URL has the host and port that such a client sends. */
function explained({ edge }: Play, target: string, asked: Request = {}): Explanation {
  const query = new URLSearchParams({ url: `http://localhost:${edge.port}${target}` })
  if (asked.method !== undefined) query.set('method', asked.method)
  for (const [name, value] of Object.entries(asked.headers ?? {})) query.append('header', `${name}: ${value}`)
  const question = readQuestion(String(query))
  if (!question.ok) throw new Error(JSON.stringify(question.fault))
  const answer = edge.serving.explain(question.question)
  if (!answer.ok) throw new Error(JSON.stringify(answer.fault))
  return answer.explanation
}

t.test('an explanation foretells each verdict, and asks nobody', async t => {
  const stage = await play(t, (request, response) => {
    const control: Record<string, string> = {
      '/fresh': 'max-age=60',
      '/stale': 'max-age=10, stale-while-revalidate=60',
      '/expired': 'max-age=10',
      '/never': 'no-store',
    }
    const age = request.url === '/fresh' ? '5' : '15'
    response.writeHead(200, { 'Cache-Control': control[request.url ?? ''], Age: age, ETag: '"v"' }).end('x')
  })
  const cases: [target: string, first: string, then: string, status: RegExp][] = [
    ['/fresh', 'absent', 'fresh', /^hit; ttl=5\d$/],
    ['/stale', 'absent', 'stale', /^hit; ttl=-/],
    ['/expired', 'absent', 'expired', /^fwd=stale/],
    ['/never', 'absent', 'absent', /^fwd=uri-miss/],
  ]
  for (const [target, first, then, status] of cases) {
    t.equal(explained(stage, target).verdict, first, target)
    await stage.ask(target)
    const before = stage.origin.asked.length
    const counted = stage.edge.counters()
    t.equal(explained(stage, target).verdict, then, target)
    t.equal(explained(stage, target).verdict, then, 'and again')
    t.equal(stage.origin.asked.length, before, 'nobody was asked')
    t.strictSame(stage.edge.counters(), counted, 'nothing was counted')
    t.match(cacheStatus(await stage.ask(target)), status, target)
  }
})

t.test('an explanation is of the real store, and of the variant that a client gets', async t => {
  const vary = { 'Cache-Control': 'max-age=60', Vary: 'Accept-Language' }
  const stage = await play(t, always(200, vary, 'text'), { store: 'lmdb' })
  const german = { headers: { 'accept-language': 'de' } }
  await stage.ask('/a?b=1', german)
  await until(() => explained(stage, '/a?b=1', german).verdict === 'fresh')
  const hit = explained(stage, '/a?b=1', german)
  t.match(hit, {
    verdict: 'fresh',
    site: 'play',
    key: `http play localhost:${stage.edge.port}/a?b=1`,
    entry: { status: 200, bodyBytes: 4, vary: ['accept-language'] },
    variants: { storedCount: 1 },
  })
  t.match(cacheStatus(await stage.ask('/a?b=1', german)), /^hit/)
  const miss = explained(stage, '/a?b=1', { headers: { 'accept-language': 'fr' } })
  t.match(miss, { verdict: 'absent', entry: null, variants: { selected: null } })
  t.match(renderText(miss), /^ABSENT: a miss, this variant is not stored$/m)
})

t.test('a write that invalidates shows in the next explanation (RFC 9111 4.4)', async t => {
  const stage = await play(t, always(200, { 'Cache-Control': 'max-age=60' }, 'x'))
  await stage.ask('/a')
  t.equal(explained(stage, '/a').verdict, 'fresh')
  t.equal(explained(stage, '/a', { method: 'DELETE' }).verdict, 'pass')
  await stage.ask('/a', { method: 'DELETE' })
  await until(() => explained(stage, '/a').verdict === 'absent')
})
