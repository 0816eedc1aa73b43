// The serving half of a worker: opens the store, builds the sites, listens, and leaves in good order. Processes and
// messages are the supervisor's (supervise/work.ts).
import type { EdgeConfig, ListenConfig, SiteConfig } from '../config/settings.js'
import { nativeStatus } from '../native/index.js'
import { type Listening, listen } from './accept/listen.js'
import { listenByNode } from './accept/listen-node.js'
import { Router } from './accept/route.js'
import { buildSites, type OnSiteEjected } from './accept/sites.js'
import type { Store } from './cache/store.js'
import { isIdle, refuse } from './conclude.js'
import type { Edge } from './edge.js'
import type { Exchange } from './exchange.js'
import { explain } from './explain/explain.js'
import type { Explained } from './explain/explanation.js'
import type { Question } from './explain/question.js'
import type { HostFills } from './fetch/host-fills.js'
import type { OriginWord } from './fetch/origin-health.js'
import { leaveWebSockets } from './leave-web-sockets.js'
import { makeEdge } from './make-edge.js'
import { openDisk } from './open-disk.js'
import type { Making } from './optimise/job.js'
import { openReplay } from './replay/open-replay.js'
import type { Replay } from './replay/replay.js'
import { handle } from './request.js'
import { refusals } from './respond/refuse.js'
import type { Counters, OriginCounts, SavedCounts, Serving } from './serving.js'
import type { LatePurgeWord } from './shared/late-purge-word.js'
import { cutText } from './usage/log.js'
import type { Logger } from './usage/logger.js'
import { Meter, usageDirectory } from './usage/meter.js'
import { shownTarget } from './usage/privacy.js'
import { type Tail, type Tailed, Tap } from './usage/tap.js'

export interface ServeOptions {
  log: Logger
  /** Instead of the LMDB store of `cache.directory`; for tests. */
  store?: Store
  /** Tells the other workers that this one has left out an origin. */
  onEjected?: (word: OriginWord, reason: string) => void
  /** 48 bytes, the same in all workers; without them each has its own and resumes nothing of another. */
  ticketKeys?: Buffer
  /** Joins the other workers of this host; without it this one collapses alone. Never rejects. */
  joinHost?: (config: EdgeConfig, log: Logger, store: Store) => Promise<HostFills | undefined>
  /** Has other forms of what is stored made; without it only what is short is compressed. */
  joinOptimiser?: (config: EdgeConfig, log: Logger, store: Store) => Making
  /** By it the worker knows that something was purged; without it nothing is. */
  openPurgeWord?: (config: EdgeConfig, log: Logger) => LatePurgeWord | undefined
}

/** Rejects with EdgeError when it cannot listen or open its store; nothing is left open then. */
export async function startServing(config: EdgeConfig, options: ServeOptions): Promise<Serving> {
  const store = options.store ?? openDisk(config, options.log)
  const listeners: Listening[] = []
  let host: HostFills | undefined
  let purges: LatePurgeWord | undefined
  let meter: Meter | undefined
  let replay: Replay | undefined
  try {
    host = await options.joinHost?.(config, options.log, store)
    const onEjected: OnSiteEjected = (site, { url }, state, reason) =>
      options.onEjected?.({ site, url, state }, reason)
    purges = options.openPurgeWord?.(config, options.log)
    const making = options.joinOptimiser?.(config, options.log, store)
    meter = meterOf(config, options.log)
    replay = openReplay(config)
    const edge = makeEdge({
      ...{ config, store, host, purgeWord: purges, making, meter, replay, onEjected },
      log: options.log,
    })
    replay?.begin(edge)
    for (const where of config.listen) {
      const listenHere = where.engine === 'node' ? listenByNode : listen
      listeners.push(await listenHere(where, listenOptions(edge, where, options.ticketKeys)))
    }
    edge.overload.start()
    return new EdgeServing(edge, host, listeners, onEjected)
  } catch (error) {
    for (const listener of listeners) listener.close()
    replay?.end()
    await host?.leave()
    purges?.close()
    meter?.close()
    await store.close()
    throw error
  }
}

/** Control asks what its sites use; without the addon there is no memory that outlives a worker. */
function meterOf({ control, state, limits }: EdgeConfig, log: Logger): Meter | undefined {
  if (control === undefined || !nativeStatus().isPresent) return undefined
  return new Meter({ directory: usageDirectory(state.directory), bytesMax: limits.usageBytesMax, log })
}

function listenOptions(edge: Edge, where: ListenConfig, ticketKeys: Buffer | undefined) {
  return {
    ticketKeys,
    refusesChunked: where.chunkedUploads === 'refuse',
    headBytesMax: edge.config.limits.headBytesMax,
    messageBytesMax: edge.config.limits.webSocketMessageBytesMax,
    stalled: edge.stalled,
    replay: edge.replay,
    counters: edge.counters,
    isShut: () => edge.overload.isActive,
    onRefused: edge.onConnectionRefused,
    isLogged: edge.accessLog !== undefined,
    handle: (x: Exchange) => handle(edge, x),
    onCrash: (x: Exchange | undefined, error: unknown) => {
      edge.log.error(
        { err: error, target: x && cutText(shownTarget(x.target, edge.config.log)) },
        'a request could not be handled',
      )
      if (x !== undefined) {
        x.result = 'error'
        refuse(edge, x, refusals.internal)
      }
    },
  }
}

class EdgeServing implements Serving {
  readonly ports: readonly number[]
  readonly #edge: Edge
  readonly #host: HostFills | undefined
  readonly #listeners: readonly Listening[]
  readonly #onEjected: OnSiteEjected
  /** What was told last of each origin: sites that come later begin with it. */
  readonly #words = new Map<string, OriginWord>()

  constructor(
    edge: Edge,
    host: HostFills | undefined,
    listeners: readonly Listening[],
    onEjected: OnSiteEjected,
  ) {
    this.#onEjected = onEjected
    this.#edge = edge
    this.#host = host
    this.#listeners = listeners
    this.ports = listeners.map(listener => listener.port)
  }

  prepareSites(sites: readonly SiteConfig[]): () => void {
    const before = this.#edge.router.sites
    const built = buildSites(sites, { before, onEjected: this.#onEjected })
    for (const word of this.#words.values()) built.obey(word)
    const next = new Router(built)
    return () => {
      const previous = this.#edge.router
      this.#edge.router = next
      this.#edge.replay?.clear()
      // Requests in progress keep their site until they are done.
      void previous.sites.close(undefined, next.sites)
    }
  }

  /** What the log dropped is the worker's to add. */
  counters(): Counters {
    this.#edge.replay?.count()
    const { entries, bytes } = this.#edge.store.status()
    const { counters } = this.#edge
    const webSocketsOpen = this.#edge.webSockets.size
    const { isActive, lag } = this.#edge.overload
    return {
      ...counters,
      overloaded: Number(isActive),
      loopLag: lag,
      logDropped: 0,
      webSocketsOpen,
      cacheEntries: entries,
      cacheBytes: bytes,
    }
  }

  savedCounts(): SavedCounts[] {
    return this.#edge.forms.saved.list()
  }

  originCounts(): OriginCounts[] {
    return this.#edge.router.sites.originCounts()
  }

  setOrigins(words: readonly OriginWord[]): void {
    for (const word of words) {
      this.#words.set(`${word.site} ${word.url}`, word)
      this.#edge.router.sites.obey(word)
    }
  }

  setTails(tails: readonly Tail[], send: (tailed: Tailed) => void): void {
    this.#edge.tap?.close()
    this.#edge.tap = tails.length === 0 ? undefined : new Tap(tails, send, this.#edge.config.log)
    this.#edge.replay?.turn()
  }

  explain(question: Question): Explained {
    return explain(this.#edge, question, Date.now())
  }

  async drain(): Promise<void> {
    const edge = this.#edge
    if (edge.isDraining) return
    edge.isDraining = true
    edge.replay?.turn()
    const endsAtMs = performance.now() + edge.config.drainTimeoutMs
    for (const listener of this.#listeners) listener.stop()
    const stopLeaving = leaveWebSockets(edge.webSockets, edge.config.drainTimeoutMs / 2)
    await quiet(edge)
    stopLeaving()
    for (const listener of this.#listeners) listener.close()
    edge.replay?.end()
    // What still comes has no client any more, but it may be on its way into the store.
    await edge.router.sites.close(Math.max(endsAtMs - performance.now(), 0))
    this.#host?.stop()
    edge.overload.stop()
    await edge.store.close()
    // Others find in the store what was on its way there.
    await this.#host?.leave()
  }
}

/**
 * Resolves when nothing was in progress for `drainQuietMs`, in which clients that keep their connections may still
 * ask and are told to close, or after `drainTimeoutMs`.
 */
function quiet(edge: Edge): Promise<void> {
  const { drainQuietMs, drainTimeoutMs } = edge.config
  return new Promise(resolve => {
    let quietTimer: NodeJS.Timeout | undefined
    const done = (): void => {
      clearTimeout(quietTimer)
      clearTimeout(limit)
      edge.onIdle = undefined
      resolve()
    }
    const limit = setTimeout(done, drainTimeoutMs)
    const settle = (): void => {
      clearTimeout(quietTimer)
      quietTimer = setTimeout(() => (isIdle(edge) ? done() : undefined), drainQuietMs)
    }
    edge.onIdle = settle
    if (isIdle(edge)) settle()
  })
}
