// Connections that speak something else than HTTP from a 101 on, with real sockets.
import type { Socket } from 'node:net'
import t, { type Test } from 'tap'
import type { Connection } from '../../fetch/connection.js'
import type { ConnectionUser, SwitchedUser } from '../../fetch/connection-user.js'
import type { Outgoing } from '../../fetch/outgoing.js'
import { Pool, type Waiting } from '../../fetch/pool.js'
import { startRawOrigin } from '../support/origin.js'
import { until } from '../support/play.js'

const outgoing: Outgoing = {
  head: 'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n',
  body: undefined,
  isChunked: false,
  expected: { method: 'GET', isUpgrade: true, allowUnknownTransferCoding: false },
}

/** Asks for a switch, takes the connection, and notes what it hears there. */
class Switching implements Waiting, ConnectionUser, SwitchedUser {
  readonly user = this
  readonly outgoing = outgoing
  connection: Connection | undefined
  socket: Socket | undefined
  heard = ''
  ended: unknown[] = []
  leaving = 0
  onStart(connection: Connection): void {
    this.connection = connection
  }
  onConnected(): void {}
  onInterim(): void {}
  onHead(): void {}
  onBody(): boolean {
    return true
  }
  onEnd(): void {}
  onFailure(error: unknown): void {
    this.ended.push(error)
  }
  onSwitch(_fields: readonly string[], rest: Buffer): void {
    this.heard = rest.toString()
    this.socket = this.connection!.switchTo(this)
  }
  onBytes(bytes: Buffer): void {
    this.heard += bytes.toString()
  }
  onClosed(error: unknown): void {
    this.ended.push(error)
  }
  onLeaving(): void {
    this.leaving += 1
  }
}

async function stage(t: Test): Promise<{ pool: Pool; sockets: Socket[]; add(): Switching }> {
  const sockets: Socket[] = []
  const origin = await startRawOrigin(t, socket => {
    sockets.push(socket)
    socket.write('HTTP/1.1 101 Go\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nmore')
  })
  const endpoint = {
    isTls: false,
    host: '127.0.0.1',
    port: Number(new URL(origin.url).port),
    connectMs: 60_000,
    tlsName: undefined,
    ca: undefined,
    addresses: undefined,
  }
  const pool = new Pool({ endpoint, connectionsMax: 1, idleMs: 60_000 })
  t.teardown(() => pool.destroy(() => {}))
  const add = (): Switching => {
    const switching = new Switching()
    pool.add(switching, false, performance.now())
    return switching
  }
  return { pool, sockets, add }
}

t.test('it gives its place to who waits, and is heard of until its end', async t => {
  const { pool, sockets, add } = await stage(t)
  const [first, second] = [add(), add()]
  await until(() => second.socket !== undefined)
  t.strictSame(pool.size, { connections: 0, free: 0, waiting: 0, switched: 2 })
  sockets[0]!.write(' and more')
  await until(() => first.heard === 'more and more')
  sockets[0]!.end()
  await until(() => first.ended.length > 0)
  t.strictSame(first.ended, [undefined])
  t.equal(pool.size.switched, 1)
  sockets[1]!.resetAndDestroy()
  await until(() => second.ended.length > 0)
  t.match(second.ended, [{ code: 'ECONNRESET' }])
  t.equal(pool.size.switched, 0)
})

t.test('close() asks it to leave and does not wait for it; destroy() ends it', async t => {
  const { pool, add } = await stage(t)
  const switching = add()
  await until(() => switching.socket !== undefined)
  await pool.close()
  t.equal(switching.leaving, 1)
  t.strictSame(switching.ended, [])
  pool.destroy(() => {})
  t.strictSame(switching.ended, [undefined])
  t.equal(pool.size.switched, 0)
})

t.test('destroyed by who has it, it says nothing more', async t => {
  const { pool, add } = await stage(t)
  const switching = add()
  await until(() => switching.socket !== undefined)
  switching.connection!.destroy()
  await until(() => switching.socket!.closed)
  t.strictSame(switching.ended, [])
  t.equal(pool.size.switched, 0)
})

t.test('101 to a request that is gone ends the connection', async t => {
  const { pool, add } = await stage(t)
  const switching = add()
  switching.connection!.destroy()
  t.strictSame(pool.size, { connections: 0, free: 0, waiting: 0, switched: 0 })
  t.equal(switching.socket, undefined)
})
