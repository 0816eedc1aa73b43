// Which request gets which connection, with real sockets.
import type { Socket } from 'node:net'
import t, { type Test } from 'tap'
import type { Connection } from '../../fetch/connection.js'
import type { ConnectionUser } from '../../fetch/connection-user.js'
import type { Outgoing } from '../../fetch/outgoing.js'
import { Pool, type PoolOptions, type Waiting } from '../../fetch/pool.js'
import { startRawOrigin } from '../support/origin.js'
import { until } from '../support/supervise-until.js'

const empty = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'
const outgoing: Outgoing = {
  head: 'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  body: undefined,
  isChunked: false,
  expected: { method: 'GET', isUpgrade: false, allowUnknownTransferCoding: false },
}

/** A request that notes on which connection it went, and how that ended. */
class Noting implements Waiting, ConnectionUser {
  readonly user = this
  readonly outgoing = outgoing
  connection: Connection | undefined
  outcome = ''
  onStart(connection: Connection): void {
    this.connection = connection
  }
  onConnected(): void {}
  onInterim(): void {}
  onHead(): void {}
  onBody(): boolean {
    return true
  }
  onEnd(): void {
    this.outcome = 'end'
  }
  onFailure(): void {
    this.outcome = 'failure'
  }
  onSwitch(): void {
    this.outcome = 'switch'
  }
}

interface Stage {
  pool: Pool
  /** Of the origin, in the order of their requests; it answers nothing by itself. */
  sockets: Socket[]
  add(isFresh?: boolean): Noting
  answer(at: number, text?: string): void
}

async function stage(t: Test, more: Partial<PoolOptions> = {}): Promise<Stage> {
  const sockets: Socket[] = []
  const origin = await startRawOrigin(t, socket => void sockets.push(socket))
  const endpoint = {
    isTls: false,
    host: '127.0.0.1',
    port: Number(new URL(origin.url).port),
    connectMs: 60_000,
    tlsName: undefined,
    ca: undefined,
    addresses: undefined,
  }
  const pool = new Pool({ endpoint, connectionsMax: 2, idleMs: 60_000, ...more })
  t.teardown(() => pool.destroy(() => {}))
  return {
    pool,
    sockets,
    add: (isFresh = false) => {
      const noting = new Noting()
      pool.add(noting, isFresh, performance.now())
      return noting
    },
    answer: (at, text = empty) => void sockets[at]!.write(text),
  }
}

async function over(noting: Noting, outcome = 'end'): Promise<void> {
  await until(() => (noting.outcome === outcome ? true : undefined))
}

async function asks(sockets: Socket[], count: number): Promise<void> {
  await until(() => (sockets.length === count ? true : undefined))
}

t.test('a free connection is used again, the last one first', async t => {
  const { pool, sockets, add, answer } = await stage(t)
  const [one, two] = [add(), add()]
  await asks(sockets, 2)
  t.strictSame(pool.size, { connections: 2, free: 0, waiting: 0, switched: 0 })
  answer(0)
  answer(1)
  await over(one)
  await over(two)
  t.equal(pool.size.free, 2)
  const third = add()
  t.ok(third.connection === one.connection || third.connection === two.connection)
  t.strictSame(pool.size, { connections: 2, free: 1, waiting: 0, switched: 0 })
  await asks(sockets, 3)
  answer(2)
  await over(third)
})

t.test('who finds none waits, in order, and may leave', async t => {
  const { pool, sockets, add, answer } = await stage(t, { connectionsMax: 1 })
  const [first, second, leaves, third] = [add(), add(), add(), add()]
  pool.remove(leaves)
  await asks(sockets, 1)
  t.strictSame(pool.size, { connections: 1, free: 0, waiting: 2, switched: 0 })
  answer(0)
  await over(first)
  t.equal(second.connection, first.connection)
  t.equal(third.connection, undefined)
  await asks(sockets, 2)
  answer(1, `HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
  await over(second)
  await asks(sockets, 3)
  t.ok(third.connection !== undefined && third.connection !== first.connection, 'a new one in its place')
  answer(2)
  await over(third)
  t.equal(leaves.connection, undefined)
})

t.test('a fresh one is new, and takes the place of one that is free', async t => {
  const { pool, sockets, add, answer } = await stage(t, { connectionsMax: 1 })
  const first = add()
  await asks(sockets, 1)
  answer(0)
  await over(first)
  const fresh = add(true)
  t.not(fresh.connection, first.connection)
  t.strictSame(pool.size, { connections: 1, free: 0, waiting: 0, switched: 0 })
  await asks(sockets, 2)
  answer(1)
  await over(fresh)
})

t.test('a connection that is closed while it is free is forgotten', async t => {
  const { pool, sockets, add, answer } = await stage(t)
  for (const close of [(socket: Socket) => socket.end(), (socket: Socket) => socket.resetAndDestroy()]) {
    const noting = add()
    const at = sockets.length
    await asks(sockets, at + 1)
    answer(at)
    await over(noting)
    close(sockets[at]!)
    await until(() => (pool.size.connections === 0 ? true : undefined))
    t.equal(pool.size.free, 0)
  }
})

t.test('a connection on which something comes that nobody asked for is closed', async t => {
  const { pool, sockets, add, answer } = await stage(t)
  const noting = add()
  await asks(sockets, 1)
  answer(0)
  await over(noting)
  answer(0, 'HTTP/1.1 200 OK\r\n\r\npoison')
  await until(() => (pool.size.connections === 0 ? true : undefined))
})

t.test('an unused connection is closed after idleMs', async t => {
  const { pool, sockets, add, answer } = await stage(t, { idleMs: 20 })
  const noting = add()
  await asks(sockets, 1)
  answer(0)
  await over(noting)
  await until(() => (pool.size.connections === 0 ? true : undefined))
})

t.test('one that has been unused for too long is not used', async t => {
  const { pool, sockets, add, answer } = await stage(t, { idleMs: 0 })
  const first = add()
  await asks(sockets, 1)
  answer(0)
  await over(first)
  const second = add()
  t.not(second.connection, first.connection)
  t.equal(pool.size.connections, 1)
  await asks(sockets, 2)
})

t.test('Keep-Alive says how long the origin keeps a connection', async t => {
  for (const [value, free] of [
    ['timeout=1', 0],
    ['max=5, timeout=60', 1],
    ['max=5', 1],
  ] as const) {
    const { pool, sockets, add, answer } = await stage(t)
    const noting = add()
    await asks(sockets, 1)
    answer(0, `HTTP/1.1 200 OK\r\nKeep-Alive: ${value}\r\nContent-Length: 0\r\n\r\n`)
    await over(noting)
    t.equal(pool.size.free, free, value)
  }
})

t.test('close() waits for what is under way and for who waits', async t => {
  const { pool, sockets, add, answer } = await stage(t, { connectionsMax: 1 })
  const [first, second] = [add(), add()]
  await asks(sockets, 1)
  let isClosed = false
  const closed = pool.close().then(() => {
    isClosed = true
  })
  answer(0)
  await over(first)
  await asks(sockets, 2)
  t.notOk(isClosed)
  answer(1)
  await over(second)
  await closed
  t.strictSame(pool.size, { connections: 0, free: 0, waiting: 0, switched: 0 })
})

t.test('close() of what nobody uses ends its connections', async t => {
  const { pool, sockets, add, answer } = await stage(t)
  const noting = add()
  await asks(sockets, 1)
  answer(0)
  await over(noting)
  await pool.close()
  t.equal(pool.size.connections, 0)
})

t.test('destroy() cuts all, and those who wait', async t => {
  const { pool, sockets, add } = await stage(t, { connectionsMax: 1 })
  const [first, second] = [add(), add()]
  await asks(sockets, 1)
  const cut: ConnectionUser[] = []
  const closed = pool.close()
  pool.destroy(user => void cut.push(user))
  await closed
  t.strictSame(new Set(cut), new Set<ConnectionUser>([first, second]))
  t.equal(first.outcome, '')
})
