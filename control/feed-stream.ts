// One edge's stream of the feed: lines of JSON, as fast as it reads, and a beat when there is nothing to say. What it has
// not read yet lies in the state, never in memory.
import type { ServerResponse } from 'node:http'
import type { Listener } from './live.js'
import type { Service } from './service.js'
import { type FeedRow, feedAfter, isReplayable, lastPosition } from './state/feed.js'
import { epochOf, revisionOf, servedConfig } from './state/sites.js'

/** Entries that are read at once. */
const batchEntries = 64
/** What is not kept is told only to who has read what came before. */
const untoldBytesMax = 64 * 1024

export class FeedStream implements Listener {
  readonly edge: string
  readonly sinceMs: number
  readonly #service: Service
  readonly #response: ServerResponse
  readonly #mayListen: () => boolean
  readonly #beat: NodeJS.Timeout
  #position: number
  #isBlocked = false

  constructor(
    service: Service,
    response: ServerResponse,
    { edge, position, mayListen }: { edge: string; position: number; mayListen: () => boolean },
  ) {
    this.#service = service
    this.#response = response
    this.#mayListen = mayListen
    this.#position = position
    this.edge = edge
    this.sinceMs = service.nowMs()
    response.on('drain', () => {
      this.#isBlocked = false
      this.wake()
    })
    response.on('close', () => clearInterval(this.#beat))
    this.#beat = setInterval(() => this.#sign(), service.limits.heartbeatMs).unref()
    const { tables } = service
    this.#write({
      type: 'hello',
      epoch: epochOf(tables),
      position: lastPosition(tables),
      revision: revisionOf(tables),
      heartbeatMs: service.limits.heartbeatMs,
    })
    this.wake()
  }

  wake(): void {
    if (!this.#mayListen()) return this.end()
    const { tables } = this.#service
    while (!this.#isBlocked) {
      // It was so slow that what it has to hear is not kept any more: when it comes back it takes the snapshot.
      if (!isReplayable(tables, this.#position)) return this.end()
      const rows = feedAfter(tables, this.#position, batchEntries).filter(
        ({ position }) => position <= this.#service.durablePosition,
      )
      if (rows.length === 0) return
      for (const row of rows) this.#write(this.#lineOf(row))
      this.#position = rows.at(-1)!.position
    }
  }

  tell(line: unknown): boolean {
    if (this.#response.writableLength > untoldBytesMax) return false
    return this.#write(line)
  }

  end(): void {
    clearInterval(this.#beat)
    this.#response.end()
  }

  #sign(): void {
    if (!this.#mayListen()) return this.end()
    if (!this.#isBlocked) this.#write({ type: 'beat', position: lastPosition(this.#service.tables) })
  }

  #write(line: unknown): boolean {
    if (this.#response.writableEnded || this.#response.destroyed) return false
    if (!this.#response.write(`${JSON.stringify(line)}\n`)) this.#isBlocked = true
    return true
  }

  #lineOf(row: FeedRow): object {
    const { position } = row
    const { purges } = this.#service.tables
    if (row.kind === 'site') {
      const { name, version, revision } = row
      const config = version === null ? null : (servedConfig(this.#service.tables, name, version) ?? null)
      return { type: 'site', position, revision, name, config }
    }
    const { id, kind, site, items, soft } = purges.get(row.id)!
    return { type: 'purge', position, id, kind, site, items, soft }
  }
}
