// What the bench asks of a server under test, and whether those chosen can run. One implementation per file beside this.
import { processTree } from '../cpu.js'
import { Problem } from '../problem.js'
import type { Processes, Running } from '../processes.js'
import type { Scenario } from '../scenarios/scenario.js'
import { installMissing, missingTool, requireProgram, type Tool } from '../tools.js'
import type { KeyPairFiles } from './key-pair.js'

/** A server under test, started once per scenario in a directory of its own. */
export interface Peer {
  readonly name: string
  /** `http://127.0.0.1:PORT`, or https, without a slash at the end; valid after start(). */
  readonly url: string
  /** The configuration it runs with, as text, for the report; valid after start(). */
  readonly configuration: string
  /** What it stores is below here. */
  readonly directory: string
  /** Resolves when it accepts connections; throws a Problem when it does not start. */
  start(): Promise<void>
  /** Every process whose CPU time counts. */
  pids(): number[]
  /** Resolves when all its processes have ended. */
  stop(): Promise<void>
}

export interface PeerContext {
  /** How the peer is called in the report; unique in a run. */
  name: string
  /** An empty directory for its files, removed after the run. */
  directory: string
  /** `http://127.0.0.1:PORT` of the bench's origin. */
  originUrl: string
  /** Others that answer the same. */
  furtherOrigins?: readonly string[]
  processes: Processes
  /** The core that it is pinned to, when there is one to spare. */
  core: number | undefined
  /** One when absent. */
  workers?: number
  /** It speaks TLS with these. */
  secure?: KeyPairFiles | undefined
  /** And HTTP/2. */
  isHttp2?: boolean | undefined
  /** Of its cache, when the usual does not do. */
  cacheBytes?: number | undefined
  /** What it is to be beyond one worker that answers small things; see host/. */
  host?: HostSettings
  /** Of the edge: variables for its processes. */
  environment?: Record<string, string>
}

export function originsOf({
  originUrl,
  furtherOrigins = [],
}: Pick<PeerContext, 'originUrl' | 'furtherOrigins'>): string[] {
  return [originUrl, ...furtherOrigins]
}

/** A server that uses the whole host, keeps large objects, and fetches what many want at once only once. */
export interface HostSettings {
  workers: number
  objectBytesMax: number
  cacheBytesMax: number
  /** Of the edge: more about its site. */
  site?: Record<string, unknown>
  /** And more about all of it. */
  more?: Record<string, unknown>
}

/** What a server is when it is up. */
export interface Launched {
  running: Running
  url: string
  configuration: string
}

/** A peer that is one program and what it starts. */
export function programPeer(
  { name, directory, processes }: PeerContext,
  launch: () => Promise<Launched>,
): Peer {
  let launched: Launched | undefined
  return {
    name,
    directory,
    get url() {
      return launched?.url ?? ''
    },
    get configuration() {
      return launched?.configuration ?? ''
    },
    async start() {
      launched = await launch()
    },
    pids: () => (launched === undefined ? [] : processTree(launched.running.pid)),
    async stop() {
      if (launched !== undefined) await processes.stop(launched.running)
    },
  }
}

/** A way to make peers: what it needs, which version that is, and the maker. */
export interface PeerKind {
  readonly name: string
  /** Programs that must be installed. */
  readonly tools: readonly Tool[]
  /** Why it cannot run here although its tools are installed; undefined when it can. */
  problem(): string | undefined
  /** Why a scenario is not for it, as a sentence. */
  cannot?(scenario: Pick<Scenario, 'name' | 'isSecure' | 'isHttp2'>): string | undefined
  version(): string
  create(context: PeerContext): Peer
}

/** Of what was asked for, what can take part, and a sentence for each that cannot. */
export interface Ready {
  kinds: PeerKind[]
  faults: string[]
}

/**
 * Before anything is started. Without the tools or the first of the kinds there is nothing to measure: that is a Problem.
 * Another that is missing is left out.
 */
export function makeReady(kinds: readonly PeerKind[], tools: readonly Tool[], install: boolean): Ready {
  if (install) installMissing([...tools, ...kinds.flatMap(kind => kind.tools)])
  for (const tool of tools) requireProgram(tool)
  const ready: Ready = { kinds: [], faults: [] }
  for (const [at, kind] of kinds.entries()) {
    const missing = kind.tools.map(missingTool).find(text => text !== undefined) ?? kind.problem()
    if (missing === undefined) ready.kinds.push(kind)
    else if (at === 0) throw new Problem(missing)
    else ready.faults.push(`${kind.name} is left out: ${missing}`)
  }
  return ready
}
