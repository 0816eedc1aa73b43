// The connections to one origin: which request gets which, how many there may be, how long an unused one stays.
import { performance } from 'node:perf_hooks'
import { Connection } from './connection.js'
import type { ConnectionOwner, ConnectionUser } from './connection-user.js'
import type { Endpoint } from './open-socket.js'
import type { Outgoing } from './outgoing.js'

export interface PoolOptions {
  endpoint: Endpoint
  connectionsMax: number
  /** Unused connections are closed after this. */
  idleMs: number
}

/** Waits for its connection. */
export interface Waiting {
  user: ConnectionUser
  outgoing: Outgoing
  /** `nowMs`: monotonic clock. */
  onStart(connection: Connection, nowMs: number): void
}

const sweepEveryMs = 1_000

export class Pool implements ConnectionOwner {
  readonly #options: PoolOptions
  readonly #all = new Set<Connection>()
  /** The one used last is used first, so that those too many grow old. */
  readonly #free: Connection[] = []
  readonly #waiting = new Set<Waiting>()
  /** Those that speak something else now: they count against nothing here, but leave with the pool. */
  readonly #switched = new Set<Connection>()
  #sweeping: NodeJS.Timeout | undefined
  #closing: (() => void) | undefined
  #isClosed = false

  constructor(options: PoolOptions) {
    this.#options = options
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  get size(): { connections: number; free: number; waiting: number; switched: number } {
    const [connections, switched] = [this.#all.size, this.#switched.size]
    return { connections, free: this.#free.length, waiting: this.#waiting.size, switched }
  }

  /** Starts it on a free connection, a new one (always, if `isFresh`), or when one is free. Not on a closed pool. */
  add(waiting: Waiting, isFresh: boolean, nowMs: number): void {
    const connection = isFresh ? this.#openOne() : (this.#takeFree(nowMs) ?? this.#openOne())
    if (connection === undefined) this.#waiting.add(waiting)
    else begin(connection, waiting, nowMs)
  }

  /** It does not wait any more. */
  remove(waiting: Waiting): void {
    this.#waiting.delete(waiting)
  }

  /** Resolves when the requests in progress, and those that wait, are over. What was switched is asked to end. */
  close(): Promise<void> {
    this.#isClosed = true
    for (const connection of [...this.#switched]) connection.leave()
    for (const connection of [...this.#free]) connection.destroy()
    return new Promise(resolve => {
      this.#closing = resolve
      this.#closeIfEmpty()
    })
  }

  /** Ends all connections; their users, and those who wait, hear of it by `cut`. */
  destroy(cut: (user: ConnectionUser) => void): void {
    this.#isClosed = true
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const { user } of waiting) cut(user)
    for (const connection of [...this.#all]) {
      const { user } = connection
      connection.destroy()
      if (user !== undefined) cut(user)
    }
    for (const connection of [...this.#switched]) connection.cut()
    this.#closeIfEmpty()
  }

  onFree(connection: Connection): void {
    const next = this.#nextWaiting()
    if (next !== undefined) return begin(connection, next, connection.freeSinceMs)
    if (this.#isClosed) return connection.destroy()
    this.#free.push(connection)
    this.#sweeping ??= setInterval(() => this.#sweep(), sweepEveryMs).unref()
  }

  onSwitched(connection: Connection): void {
    this.#switched.add(connection)
    this.#leave(connection)
  }

  onGone(connection: Connection): void {
    if (!this.#switched.delete(connection)) this.#leave(connection)
  }

  /** It carries no request any more: its place is another's. */
  #leave(connection: Connection): void {
    this.#all.delete(connection)
    const at = this.#free.indexOf(connection)
    if (at >= 0) this.#free.splice(at, 1)
    const next = this.#all.size < this.#options.connectionsMax ? this.#nextWaiting() : undefined
    if (next !== undefined) begin(this.#open(), next, performance.now())
    this.#closeIfEmpty()
  }

  #takeFree(nowMs: number): Connection | undefined {
    for (let connection = this.#free.pop(); connection !== undefined; connection = this.#free.pop()) {
      if (nowMs - connection.freeSinceMs < this.#idleMaxMs(connection) && this.#isCurrent(connection))
        return connection
      connection.destroy()
    }
    return undefined
  }

  /** An origin that has moved is asked where it is now. */
  #isCurrent({ remoteAddress }: Connection): boolean {
    return this.#options.endpoint.addresses?.isCurrent(remoteAddress) ?? true
  }

  #openOne(): Connection | undefined {
    const { connectionsMax } = this.#options
    // One that is free gives its place to a new one.
    if (this.#all.size >= connectionsMax) this.#free[0]?.destroy()
    return this.#all.size < connectionsMax ? this.#open() : undefined
  }

  #open(): Connection {
    const connection = new Connection(this.#options.endpoint, this)
    this.#all.add(connection)
    return connection
  }

  #nextWaiting(): Waiting | undefined {
    const [next] = this.#waiting
    if (next !== undefined) this.#waiting.delete(next)
    return next
  }

  #idleMaxMs(connection: Connection): number {
    return Math.min(connection.idleMaxMs, this.#options.idleMs)
  }

  #sweep(): void {
    const nowMs = performance.now()
    for (const connection of [...this.#free]) {
      if (nowMs - connection.freeSinceMs >= this.#idleMaxMs(connection)) connection.destroy()
    }
    if (this.#free.length > 0) return
    clearInterval(this.#sweeping)
    this.#sweeping = undefined
  }

  #closeIfEmpty(): void {
    if (this.#closing === undefined || this.#all.size > 0 || this.#waiting.size > 0) return
    clearInterval(this.#sweeping)
    this.#closing()
    this.#closing = undefined
  }
}

function begin(connection: Connection, waiting: Waiting, nowMs: number): void {
  waiting.onStart(connection, nowMs)
  connection.start(waiting.user, waiting.outgoing)
}
