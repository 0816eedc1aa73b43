// The promise of determinism: two runs of the same play with the same clock, each against a fresh edge and a fresh
// store, give the client the same bytes. The one line that the engine writes by its own clock, Date, is masked.
import t, { type Test } from 'tap'
import { connectRaw } from '../../support/client.js'
import { type RuleStage, ruleStage } from '../../support/rules.js'
import { babbles, resets, type Said, says } from '../../support/saying.js'

/** A request, the seconds before it, and whether the origin is asked behind its answer. */
interface Step {
  head: string
  after?: number
  isStale?: boolean
}

const body = '0123456789abcdefghij'
const stored = says(
  200,
  [
    'Cache-Control: max-age=60',
    'ETag: "a"',
    'Last-Modified: {-1000}',
    'Content-Type: text/plain',
    'X: 1',
    'X: 2',
  ],
  { body },
)
const get = (...lines: string[]): Step => ({ head: ['GET {} HTTP/1.1', ...lines].join('\r\n') })

/** What is asked of one path after the other, and what the origin says there. */
const script: [said: Said[], steps: Step[]][] = [
  [
    [stored, says(304, ['Cache-Control: max-age=90', 'X: 3']), resets],
    [
      get(),
      get(),
      { ...get(), after: 7 },
      { head: 'HEAD {} HTTP/1.1' },
      get('If-None-Match: "a"'),
      get('If-Modified-Since: Mon, 06 Jul 2026 12:00:00 GMT'),
      get('If-Match: "b"'),
      get('Range: bytes=2-4'),
      get('Range: bytes=-1'),
      get('Range: bytes=99-'),
      { ...get(), after: 60 },
      { ...get('Accept: */*'), after: 3 },
      { ...get(), after: 100 },
    ],
  ],
  [
    [
      says(200, ['Cache-Control: max-age=10, stale-while-revalidate=60', 'ETag: "s"']),
      says(200, 'Cache-Control: max-age=60'),
    ],
    [get(), { ...get(), after: 15, isStale: true }, { ...get(), after: 1 }],
  ],
  [
    [says(200, ['Cache-Control: max-age=60', 'Vary: Accept-Language'])],
    [
      get('Accept-Language: de'),
      get('Accept-Language: en'),
      get('Accept-Language: de, fr;q=0.5'),
      get('Accept-Language: de'),
    ],
  ],
  [[says(404, 'Expires: {+60}')], [get(), { ...get(), after: 5 }]],
  [[says(200, 'Cache-Control: no-store')], [get(), get()]],
  [
    [
      says(200, ['Cache-Control: max-age=60', 'Transfer-Encoding: chunked'], {
        body: '5\r\nhello\r\n0\r\n\r\n',
      }),
    ],
    [get(), get()],
  ],
  [[says(204, 'Cache-Control: max-age=60')], [get(), get()]],
  [[says(201, 'Location: /0')], [{ head: 'POST {} HTTP/1.1\r\nContent-Length: 0' }]],
  [[babbles], [get(), get('Cache-Control: only-if-cached')]],
  [
    [stored],
    [
      { head: 'TRACE {} HTTP/1.1' },
      get('Host: twice.example'),
      { head: 'GET {}#x HTTP/1.1' },
      get('Content-Length: x'),
      get('Expect: more'),
    ],
  ],
]

async function bytesOf(stage: RuleStage, path: string, { head, after = 0, isStale }: Step): Promise<string> {
  stage.clock.tick(after)
  const asked = stage.askedFor(path)
  const traces = stage.traces()
  const client = await connectRaw(stage.edge.port)
  client.write(`${head.replace('{}', path)}\r\nHost: play.example\r\nConnection: close\r\n\r\n`)
  const bytes = await client.closed()
  if (isStale) await stage.refreshed(path, asked, traces)
  await stage.rest()
  return bytes.replace(/^Date: [^\r]*/m, 'Date: *')
}

async function run(t: Test): Promise<string[]> {
  const stage = await ruleStage(t)
  const all: string[] = []
  for (const [said, steps] of script) {
    const path = stage.path(...said)
    for (const step of steps) all.push(await bytesOf(stage, path, step))
  }
  return all
}

t.test('two runs of the same play give the same bytes', async t => {
  const runs: string[][] = []
  for (const name of ['first', 'second']) {
    await t.test(name, async t => {
      runs.push(await run(t))
      t.ok(
        runs.at(-1)?.every(bytes => /^HTTP\/1\.1 \d{3} /.test(bytes)),
        'every request got an answer',
      )
    })
  }
  t.ok(runs[0].length >= 30)
  t.strictSame(runs[0], runs[1])
  const statuses = new Set(runs[0].map(bytes => bytes.slice(9, 12)))
  for (const status of [
    '200',
    '201',
    '204',
    '206',
    '304',
    '400',
    '404',
    '405',
    '412',
    '416',
    '417',
    '502',
    '504',
  ]) {
    t.ok(statuses.has(status), `a ${status} among them`)
  }
})

t.test('two multipart answers to the same request are the same bytes', async t => {
  const runs: string[] = []
  for (const name of ['first', 'second']) {
    await t.test(name, async t => {
      const stage = await ruleStage(t)
      const path = stage.path(stored)
      await bytesOf(stage, path, get())
      runs.push(await bytesOf(stage, path, get('Range: bytes=0-1,5-6')))
      t.match(runs.at(-1), /^HTTP\/1\.1 206 /)
    })
  }
  t.equal(runs[0], runs[1])
})
