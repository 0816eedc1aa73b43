import zlib from 'node:zlib'
import t, { type Test } from 'tap'
import { EntryFlag, type ResponseEntry } from '../../cache/entry.js'
import { openMemoryStore } from '../../cache/memory.js'
import { formKey } from '../../optimise/derive.js'
import type { Job } from '../../optimise/job.js'
import { Workshop } from '../../optimise/workshop.js'
import { testConfig } from '../support/edge.js'
import { recordWith } from '../support/store-records.js'
import { workFile } from '../support/workshop.js'

const text = Buffer.from('What is said once and again is said in few bytes. '.repeat(1_000))

async function stage(t: Test, body: Buffer, optimise: Record<string, unknown> = {}) {
  const config = testConfig(t, ['http://127.0.0.1:9'], {}, { optimise: { threads: 1, ...optimise } }).optimise
  const store = openMemoryStore({ bytesMax: 1e8 })
  const troubles: unknown[] = []
  await store.put('k', recordWith(body, 'k', '"v"'))
  const { storedAtMs, askedAtMs } = store.get('k') as ResponseEntry
  const workshop = new Workshop({
    store,
    config,
    identity: 'naij',
    workFile,
    isIdle: false,
    onTrouble: error => troubles.push(error),
  })
  t.teardown(() => workshop.close())
  const job: Job = {
    storedKey: 'k',
    askedAtMs,
    storedAtMs,
    site: 'a',
    work: { kind: 'encode', coding: 'gzip', effort: 'fast' },
    hidden: [],
    imageBounds: { bytesMax: 1e7, pixelsMax: 1e7, framesMax: 10 },
  }
  const formOf = (name: string) => store.get(formKey('k', name)) as ResponseEntry | undefined
  return { store, workshop, job, troubles, formOf }
}

t.test('makes a form once, however many ask, and stores it beside the response', async t => {
  const { workshop, job, formOf, troubles } = await stage(t, text)
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => workshop.make(job)))
  t.strictSame(new Set(outcomes), new Set(['made']))
  const form = formOf('gzip')!
  t.strictSame(zlib.gunzipSync(form.body), text)
  t.match(
    form.block.toString(),
    /^Vary: Accept-Encoding\r\nVia: 1.1 naij\r\nContent-Type: text\/plain\r\nContent-Encoding: gzip/,
  )
  t.match(form, { status: 200, etag: '"v-gzip"' })
  const { jobs, milliseconds, queued, running } = workshop.totals()
  t.strictSame({ jobs, queued, running }, { jobs: { 'gzip made': 1 }, queued: 0, running: 0 })
  t.ok(milliseconds.gzip! > 0)
  t.strictSame(troubles, [])
})

t.test('makes a better one in place of the first', async t => {
  const { workshop, job, formOf } = await stage(t, text)
  const best: Job = { ...job, work: { kind: 'encode', coding: 'br', effort: 'best' } }
  t.equal(await workshop.make({ ...best, work: { kind: 'encode', coding: 'br', effort: 'fast' } }), 'made')
  const bytes = formOf('br')!.bodyBytes
  t.equal(await workshop.make(best), 'made')
  t.ok(formOf('br')!.bodyBytes <= bytes)
  t.equal(formOf('br')!.flags & EntryFlag.smallest, EntryFlag.smallest)
})

t.test('says what is not worth it, and keeps that in mind', async t => {
  const noise = zlib.deflateRawSync(Buffer.from(Array.from({ length: 9_000 }, () => Math.random() * 256)))
  const { workshop, job, formOf } = await stage(t, noise)
  t.equal(await workshop.make(job), 'useless')
  t.match(formOf('gzip'), { flags: EntryFlag.useless, bodyBytes: 0 })
})

t.test('makes nothing of what is not stored any more, or anew', async t => {
  const { workshop, job, store, formOf } = await stage(t, text)
  t.equal(await workshop.make({ ...job, storedKey: 'other' }), 'outdated')
  t.equal(await workshop.make({ ...job, storedAtMs: job.storedAtMs + 1 }), 'outdated')
  await store.remove('k')
  t.equal(await workshop.make(job), 'outdated')
  t.equal(formOf('gzip'), undefined)
})

t.test('does not let more wait than it may', async t => {
  const { workshop, job } = await stage(t, text, { queueMax: 2, siteQueueMax: 1 })
  const jobs = ['1', '2', '3', '4'].map((storedKey, at) => ({
    ...job,
    storedKey,
    site: at === 3 ? 'b' : 'a',
  }))
  const outcomes = await Promise.all(jobs.map(each => workshop.make(each)))
  t.strictSame(outcomes, ['outdated', 'outdated', 'busy', 'outdated'])
})

t.test('ends what takes too long, and goes on with another thread', async t => {
  const long = Buffer.from(Array.from({ length: 150_000 }, (_, at) => `${at * 7919} `).join(''))
  const { workshop, job, troubles } = await stage(t, long, { jobMs: 100 })
  t.equal(await workshop.make({ ...job, work: { kind: 'encode', coding: 'br', effort: 'best' } }), 'failed')
  t.match(troubles, [{ name: 'AbortError' }])
  t.equal(await workshop.make({ ...job, storedKey: 'none' }), 'outdated', 'it goes on')
})

t.test('a closed one takes nothing', async t => {
  const { workshop, job } = await stage(t, text)
  await workshop.close()
  t.equal(await workshop.make(job), 'busy')
})
