// Plays: a client that has an earlier version of a response gets the difference to it (RFC 9842).
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import t, { type Test } from 'tap'
import type { Reply } from '../support/client.js'
import { play, until } from '../support/play.js'
import { optimiser } from '../support/workshop.js'

interface Decompressor {
  loadDictionary(dictionary: Uint8Array): void
  decompress(body: Uint8Array): Buffer
}
const { Decompressor } = createRequire(import.meta.url)('zstd-napi') as {
  Decompressor: new () => Decompressor
}

const first = Buffer.from(
  Array.from({ length: 6_000 }, (_, at) => `function f${at}() { return ${at * 7919} }\n`).join(''),
)
const second = Buffer.from(first.toString().replaceAll('f77', 'g77').concat('// a later version\n'))
const hashOf = (body: Buffer) => createHash('sha256').update(body).digest()
const available = (body: Buffer) => ({ 'Available-Dictionary': `:${hashOf(body).toString('base64')}:` })
const coded = 'gzip, br, zstd, dcb, dcz'

async function stage(t: Test, optimise: Record<string, unknown>, headers: Record<string, string> = {}) {
  const { joinOptimiser, workshop, troubles } = optimiser(t)
  const stage = await play(
    t,
    ({ url = '' }, response) => {
      const body = url.includes('.2.') ? second : first
      response.writeHead(200, {
        'Content-Type': 'text/javascript',
        'Cache-Control': 'max-age=600',
        'Content-Length': body.length,
        ETag: `"${url}"`,
        ...headers,
      })
      response.end(body)
    },
    { store: 'lmdb', site: { optimise: { dictionaries: true, ...optimise } }, joinOptimiser },
  )
  const ask = (target: string, more: Record<string, string> = {}) =>
    stage.ask(target, { headers: { 'Accept-Encoding': coded, ...more } })
  const delta = async (target: string, more: Record<string, string>) => {
    let reply: Reply | undefined
    await until(async () => {
      reply = await ask(target, more)
      return reply.headers['content-encoding'] === 'dcz'
    })
    return reply!
  }
  return { ...stage, ask, delta, workshop, troubles }
}

/** RFC 9842 5: the hash of the dictionary in a skippable frame, then zstd that refers to it. */
function undo(body: Buffer, dictionary: Buffer): Buffer {
  const decompressor = new Decompressor()
  decompressor.loadDictionary(dictionary)
  return decompressor.decompress(body.subarray(40))
}

t.test('what the site offers as a dictionary makes later versions small', async t => {
  const { ask, delta, origin, troubles, workshop } = await stage(t, { dictionaryPaths: ['/app.*.js'] })
  const offered = await ask('/app.1.js')
  t.equal(offered.headers['use-as-dictionary'], 'match="/app.*.js"')
  await until(() => workshop().totals().jobs['dictionary made'] === 1)
  await ask('/app.2.js')
  const reply = await delta('/app.2.js', available(first))
  t.strictSame(reply.body.subarray(0, 8), Buffer.from('5e2a4d1820000000', 'hex'))
  t.strictSame(reply.body.subarray(8, 40), hashOf(first))
  t.strictSame(undo(reply.body, first), second)
  const { body: plain } = await ask('/app.2.js')
  t.ok(reply.body.length < plain.length / 4, `${reply.body.length} bytes, as br ${plain.length}`)
  t.equal(reply.headers.vary, 'Accept-Encoding, Available-Dictionary')
  t.match(reply.headers.etag, /^"\/app\.2\.js-dcz-[0-9a-f]{32}"$/)
  t.equal(reply.headers['use-as-dictionary'], 'match="/app.*.js"', 'it is one for the next version')
  t.equal(origin.asked.length, 2)
  t.strictSame(troubles, [])
  const directory = t.testdir({})
  writeFileSync(`${directory}/dictionary`, first)
  const read = spawnSync('zstd', ['-dc', '-D', `${directory}/dictionary`], { input: reply.body })
  // Where the program is not there, what is above has to do.
  if (read.error === undefined) t.strictSame(read.stdout, second, 'another program reads it')
})

t.test('who has no dictionary, another one, or cannot read differences gets what everybody gets', async t => {
  const { ask, workshop } = await stage(t, { dictionaryPaths: ['/app.*.js'] })
  await ask('/app.1.js')
  await until(() => workshop().totals().jobs['dictionary made'] === 1)
  for (const more of [
    {},
    available(Buffer.from('another')),
    { 'Available-Dictionary': 'nonsense' },
    { ...available(first), 'Accept-Encoding': 'gzip, br' },
  ] as Record<string, string>[]) {
    await until(async () => (await ask('/app.2.js', more)).headers['content-encoding'] === 'br')
    t.match(await ask('/app.2.js', more), { status: 200, headers: { vary: 'Accept-Encoding' } })
  }
})

t.test('what the origin offers counts too, and nothing where the site does not want it', async t => {
  const offer = { 'Use-As-Dictionary': 'match="/lib/*", id="x"' }
  const { ask, delta } = await stage(t, {}, offer)
  t.equal((await ask('/lib/1.js')).headers['use-as-dictionary'], offer['Use-As-Dictionary'])
  await ask('/lib/a.2.js')
  t.strictSame(undo((await delta('/lib/a.2.js', available(first))).body, first), second)
  const without = await stage(t, { dictionaries: false }, offer)
  await without.ask('/lib/1.js')
  await until(
    async () => (await without.ask('/lib/a.2.js', available(first))).headers['content-encoding'] === 'br',
  )
  t.equal(without.workshop().totals().jobs['dictionary made'], undefined)
})
