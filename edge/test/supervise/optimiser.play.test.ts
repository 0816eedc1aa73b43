// The optimiser beside real workers, as processes: what they ask of it, and what its death costs.
import type { RequestListener } from 'node:http'
import { getPriority } from 'node:os'
import zlib from 'node:zlib'
import t from 'tap'
import { threadsOf } from '../../../native/test/support/threads.js'
import { needsAddon, runDirectoryOf } from '../shared/support/ground.js'
import { get } from '../support/client.js'
import { photograph } from '../support/images.js'
import { startOrigin } from '../support/origin.js'
import { realMain, startEdge } from '../support/supervise-play.js'
import { until } from '../support/supervise-until.js'

const long = Buffer.from(Array.from({ length: 20_000 }, (_, at) => `<li>${at * 7919}</li>\n`).join(''))

/** The scheduling policies (sched(7); 5: SCHED_IDLE) of the threads of a process that have this name. */
function policies(pid: number, name: string): number[] {
  return [...threadsOf(pid).values()].filter(thread => thread.name === name).map(({ policy }) => policy)
}

t.test('the optimiser of an edge', needsAddon, async t => {
  const page: RequestListener = (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html', 'Cache-Control': 'max-age=600' }).end(long)
  }
  const origin = await startOrigin(t, page)
  const edge = startEdge(
    t,
    {
      workers: 2,
      optimise: { waitMs: '1m' },
      run: { directory: runDirectoryOf(t) },
      sites: [{ hosts: ['*'], origins: [origin.url], optimise: { images: true } }],
    },
    realMain,
  )
  const port = Number(new URL(await edge.url()).port)
  const ask = (target: string) => get(port, target, { headers: { 'Accept-Encoding': 'br' } })
  const coded = (target: string) =>
    until(async () => {
      const reply = await ask(target)
      return reply.headers['content-encoding'] === 'br' ? reply : undefined
    })

  await t.test('makes what workers ask for, behind those who serve, and is shown', async t => {
    t.strictSame(zlib.brotliDecompressSync((await coded('/a')).body), long)
    const { pid, totals } = await until(async () => {
      const { optimiser } = await edge.status()
      return optimiser.totals?.jobs['br made'] === undefined ? undefined : optimiser
    })
    t.equal(getPriority(pid!), 19)
    const others = policies(pid!, 'node')
    t.ok(
      others.includes(3) && !others.includes(0),
      `SCHED_BATCH, and idle where it is a thread of the pool: ${others}`,
    )
    t.match(totals, { jobs: { 'br made': Number } })
    const { body } = await edge.admin('/metrics')
    t.match(body, /^naij_optimiser_jobs_total\{kind="br",outcome="made"\} [12]$/m)
    t.match(body, /^naij_forms_total\{how="asked"\} [1-9]/m)
  })

  await t.test('makes images behind those who serve, by all of its threads', async t => {
    const image = await photograph(1_200, 900).jpeg().toBuffer()
    const page = origin.script
    origin.script = (_, response) => {
      response.writeHead(200, { 'Content-Type': 'image/jpeg', 'Cache-Control': 'max-age=600' }).end(image)
    }
    const { pid } = (await edge.status()).optimiser
    // They are there while one is made, which may be over before anybody has looked: one after the other until they are seen.
    let isSeen = false
    let number = 0
    const making = (async () => {
      while (!isSeen) {
        const made = await get(port, `/behind-${number++}.jpg?w=1000&format=avif`)
        t.equal(made.headers['content-type'], 'image/avif')
      }
    })()
    const seen = await until(() => {
      const found = policies(pid!, 'libvips worker')
      return found.length > 0 && found.every(policy => policy === 5) ? found : undefined
    }).finally(() => {
      isSeen = true
    })
    t.ok(seen.length > 0)
    await making
    origin.script = page
  })

  await t.test('a herd for one form of an image, over all workers: one fetch, one making', async t => {
    const image = await photograph(600, 400).jpeg().toBuffer()
    origin.script = (_, response) => {
      setTimeout(() => {
        response.writeHead(200, { 'Content-Type': 'image/jpeg', 'Cache-Control': 'max-age=600' }).end(image)
      }, 100)
    }
    const asked = origin.asked.length
    const herd = Array.from({ length: 200 }, () => get(port, '/a.jpg?w=200&format=webp'))
    const replies = await Promise.all(herd)
    t.strictSame(new Set(replies.map(({ headers }) => headers['content-type'])), new Set(['image/webp']))
    t.equal(origin.asked.length - asked, 1)
    const made = await until(async () => (await edge.status()).optimiser.totals?.jobs['image-webp made'])
    t.equal(made, 1)
  })

  await t.test('what is purged softly is as stale in its forms as it is itself', async t => {
    const times = 'max-age=600, stale-while-revalidate=600'
    origin.script = (_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html', 'Cache-Control': times }).end(long)
    }
    await coded('/soft')
    const url = `http://localhost:${port}/soft`
    t.equal((await edge.purge({ kind: 'url', items: [url], soft: true })).status, 200)
    const reply = await ask('/soft')
    t.equal(reply.headers['content-encoding'], 'br')
    t.match(reply.headers['cache-status'], /hit; ttl=(-\d+|0)$/)
    t.strictSame(zlib.brotliDecompressSync(reply.body), long)
  })

  await t.test('killed, it is replaced, and what is asked for is made', async t => {
    origin.script = page
    const { pid } = (await edge.status()).optimiser
    process.kill(pid!, 'SIGKILL')
    t.equal((await ask('/b')).status, 200)
    t.strictSame(zlib.brotliDecompressSync((await coded('/b')).body), long)
    const { optimiser } = await edge.status()
    t.match(optimiser, { deaths: 1 })
    t.not(optimiser.pid, pid)
  })

  await t.test('it is gone with its edge', async t => {
    const { pid } = (await edge.status()).optimiser
    edge.child.kill('SIGTERM')
    await edge.ended
    t.throws(() => process.kill(pid!, 0))
  })
})
