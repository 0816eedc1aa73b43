import t from 'tap'
import type { Exchange } from '../../exchange.js'
import { type Tail, type Tailed, Tap } from '../../usage/tap.js'

const any: Tail = { id: 'any', sites: null, status: null, cacheStatus: null, path: null, samplePercent: 100 }
const exchange = (more: Record<string, unknown> = {}) =>
  ({
    ...{
      site: { name: 'a' },
      nowMs: 0,
      startedMs: 0,
      status: 200,
      result: 'hit',
      target: '/x?y',
      method: 'GET',
      host: 'h',
    },
    ...{ clientAddress: '::1', detail: '', responder: { headBytesOut: 10, bodyBytesOut: 5 }, ...more },
  }) as unknown as Exchange

const privacy = { clientAddress: 'truncated', query: 'off' } as const

/** What is sent when these were offered. */
async function shown(
  tails: readonly Tail[],
  exchanges: readonly Exchange[],
  random?: () => number,
): Promise<Tailed> {
  return new Promise(resolve => {
    const tap = new Tap(tails, resolve, privacy, random)
    for (const x of exchanges) tap.offer(x, true)
    const keep = setTimeout(() => resolve({ lines: [], dropped: 0 }), 300)
    keep.ref()
  })
}

t.test('each sees what he wants to see', async t => {
  const cases: [Partial<Tail>, Record<string, unknown>, boolean][] = [
    [{}, {}, true],
    [{}, { site: undefined }, false],
    [{ sites: ['b', 'a'] }, {}, true],
    [{ sites: ['b'] }, {}, false],
    [{ status: '200' }, {}, true],
    [{ status: '2xx' }, { status: 206 }, true],
    [{ status: '5xx' }, {}, false],
    [{ cacheStatus: 'miss' }, {}, false],
    [{ cacheStatus: 'hit' }, {}, true],
    [{ path: '/x' }, {}, true],
    [{ path: '/y' }, {}, false],
    [{ samplePercent: 0 }, {}, false],
  ]
  await Promise.all(
    cases.map(async ([filter, x, isSeen]) => {
      const { lines } = await shown([{ ...any, ...filter }], [exchange(x)])
      t.equal(lines.length, Number(isSeen), JSON.stringify([filter, x]))
    }),
  )
})

t.test('a line says what was asked, what came of it, and for whom it is', async t => {
  const two = [any, { ...any, id: 'two', status: '404' }]
  const x = exchange({ status: 404, detail: 'gone', startedMs: performance.now() - 5 })
  const { lines, dropped } = await shown(two, [x, exchange()])
  t.match(lines, [
    {
      ...{
        tails: ['any', 'two'],
        at: '1970-01-01T00:00:00.000Z',
        site: 'a',
        client: '::1',
        method: 'GET',
        host: 'h',
      },
      ...{
        target: '/x',
        client: '::',
        status: 404,
        cacheStatus: 'hit',
        detail: 'gone',
        bytesOut: 15,
        completed: true,
      },
    },
    { tails: ['any'], detail: null, durationMs: null },
  ])
  t.ok(lines[0]!.durationMs! >= 5)
  t.equal(dropped, 0)
})

t.test('there is room for so many, and a sample is a sample', async t => {
  const { lines, dropped } = await shown([any], Array(250).fill(exchange()))
  t.strictSame([lines.length, dropped], [200, 50])
  let turn = 0
  const sampled = await shown(
    [{ ...any, samplePercent: 50 }],
    Array(100).fill(exchange()),
    () => (turn++ % 4) / 4,
  )
  t.equal(sampled.lines.length, 50)
})
