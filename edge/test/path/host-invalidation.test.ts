// Plays: RFC 9111 4.4 over two workers of one host. What one of them puts out of use is out of use in the other one at once:
// what it is asking for is not stored, nobody follows it, and what it has is not given any more.
import t, { type Test } from 'tap'
import { openMemoryStore } from '../../cache/memory.js'
import type { Store } from '../../cache/store.js'
import { ownInvalidated } from '../../shared/open-invalidated.js'
import { needsAddon } from '../shared/support/ground.js'
import { fresh } from '../support/herd.js'
import { type Host, hostOf } from '../support/host.js'

/** Two views of one store; a removal takes as long as it is told to. */
async function stage(t: Test) {
  const store = openMemoryStore({ bytesMax: 2 ** 24 })
  const invalidated = ownInvalidated()
  const removals: (() => void)[] = []
  const state = { isSlow: false }
  const view = (): Store => ({
    invalidated,
    get: (key, nowMs) => store.get(key, nowMs),
    put: (key, record) => store.put(key, record),
    remove: async key => {
      if (state.isSlow) await new Promise<void>(resolve => removals.push(resolve))
      await store.remove(key)
    },
    status: () => store.status(),
    close: async () => {},
  })
  return { host: await hostOf(t, {}, [view(), view()]), state, removals }
}

/** The answer to a POST through the edge of this number, which the origin is asked for as its `number`th request. */
async function post({ send, held, asks }: Host, at: 0 | 1, number: number): Promise<void> {
  const { reply } = await send(at, '/', { method: 'POST', body: 'x' })
  await asks(number)
  held[number - 1].response.writeHead(200, { 'Content-Length': 0 }).end()
  await reply
}

t.test('what was asked for before a POST elsewhere is not stored after it', needsAddon, async t => {
  const { host } = await stage(t)
  const { send, held, asks } = host
  const before = await send(0)
  await asks(1)
  await post(host, 1, 2)
  held[0].response.writeHead(200, fresh).end('old')
  t.equal((await before.reply).text, 'old')
  for (const at of [1, 0] as const) {
    const after = await send(at)
    if (at === 1) {
      await asks(3)
      held[2].response.writeHead(200, fresh).end('new')
    }
    t.equal((await after.reply).text, 'new')
  }
  t.equal(held.length, 3, 'what was asked for after it is stored')
})

t.test('nobody follows what another worker asked for before a POST', needsAddon, async t => {
  for (const poster of [0, 1] as const) {
    const { host } = await stage(t)
    const { send, held, asks } = host
    const before = await send(0)
    await asks(1)
    await post(host, poster, 2)
    const after = await send(1)
    await asks(3)
    held[2].response.writeHead(200, fresh).end('new')
    t.equal((await after.reply).text, 'new')
    held[0].response.writeHead(200, fresh).end('old')
    t.equal((await before.reply).text, 'old')
    t.equal((await (await send(0)).reply).text, 'new')
    t.equal(held.length, 3)
  }
})

t.test(
  'what another worker puts out of use is not given while its removal is on its way',
  needsAddon,
  async t => {
    const { host, state, removals } = await stage(t)
    const { send, held, asks } = host
    const first = await send(0)
    await asks(1)
    held[0].response.writeHead(200, fresh).end('old')
    await first.reply
    state.isSlow = true
    await post(host, 1, 2)
    const after = await send(0)
    await asks(3)
    held[2].response.writeHead(200, fresh).end('new')
    t.equal((await after.reply).text, 'new')
    t.ok(removals.length > 0)
    for (const remove of removals) remove()
  },
)
