// Wakes other workers, and learns of their death: every worker has a listener, and who comes later connects to all who
// are there, who then connect back. Frames to one worker arrive in order, or not at all when it does not read: waiters
// look again after 250 ms anyway. A connection that closes means that its worker is gone.
import { renameSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { EdgeError } from '../error.js'
import {
  encodeFrame,
  type Frame,
  FrameReader,
  helloEvent,
  pingEvent,
  pongEvent,
  reservedFrom,
} from './frames.js'
import { Peer, refusals } from './peer.js'
import { Pings } from './pings.js'
import { groundError } from './shared-file.js'
import { SocketFiles } from './socket-files.js'

export interface MeshOptions {
  runDirectory: string
  /** Those with another group are not seen: `Ground.group`. */
  group: string
  /** `Ground.owner`. */
  owner: number
  onFrame(from: number, frame: Frame): void
  /** Once for everyone who was a peer or whose socket was found dead: it no longer runs, or has left. */
  onGone(owner: number): void
  /** Bytes that wait for a worker that does not read; frames beyond are dropped. */
  sendBytesMax?: number
  /** How long `joinMesh` waits for those who are there to connect back. */
  joinMs?: number
}

const sendBytesMax = 64 * 1024
const joinMs = 1_000
/** A connection says who it is by then. */
const helloMs = 5_000
const connectionsMax = 1_024
const backlog = 511

/** Resolves when this worker can wake all who are there and be woken by them. Rejects with an EdgeError (`mesh...`). */
export async function joinMesh(options: MeshOptions): Promise<Mesh> {
  const mesh = new Mesh(options)
  try {
    await mesh.open()
  } catch (cause) {
    await mesh.leave()
    if (cause instanceof EdgeError) throw cause
    throw groundError('mesh', `run.directory: no socket can be made: ${(cause as Error).message}`, cause)
  }
  return mesh
}

export class Mesh {
  readonly #options: MeshOptions
  readonly #files: SocketFiles
  readonly #server: Server
  readonly #peers = new Map<number, Peer>()
  /** Connections that have not said whose they are. */
  readonly #strangers = new Set<Socket>()
  readonly #pings = new Pings()
  #droppedByGone = 0
  #onMet: (() => void) | undefined
  #state: 'opening' | 'open' | 'left' = 'opening'

  constructor(options: MeshOptions) {
    this.#options = options
    this.#files = new SocketFiles(options.runDirectory, options.group)
    this.#server = createServer(socket => this.#accept(socket))
    this.#server.maxConnections = connectionsMax
  }

  /** Called by `joinMesh`, once. */
  async open(): Promise<void> {
    const { owner } = this.#options
    const path = this.#files.newPath(owner)
    await this.#listen(path)
    // Found by others only now: who finds a socket that refuses may know that its worker is dead.
    renameSync(path, this.#files.path(owner))
    this.#files.removeUnnamed()
    for (const other of this.#files.owners()) if (other !== owner) this.#meet(other)
    await this.#allMet()
    this.#state = 'open'
  }

  get isOpen(): boolean {
    return this.#state === 'open'
  }

  /** The numbers of all who can be woken. */
  peers(): number[] {
    return [...this.#peers.keys()]
  }

  has(owner: number): boolean {
    return this.#peers.has(owner)
  }

  /** False when there is no such worker, or it does not read. */
  send(owner: number, frame: Frame): boolean {
    return this.#peers.get(owner)?.send(encodeFrame(frame)) ?? false
  }

  /** To all; returns to how many. */
  broadcast(frame: Frame): number {
    const bytes = encodeFrame(frame)
    let sent = 0
    for (const peer of this.#peers.values()) if (peer.send(bytes)) sent += 1
    return sent
  }

  /** Frames that were not sent since who should have read them did not. */
  get dropped(): number {
    let dropped = this.#droppedByGone
    for (const peer of this.#peers.values()) dropped += peer.dropped
    return dropped
  }

  /** Microseconds until a worker has answered; undefined when it did not within five seconds. */
  ping(owner: number): Promise<number | undefined> {
    return this.#pings.ask(value => this.send(owner, { slot: 0, turn: 0, event: pingEvent, value }))
  }

  /** Whether somebody may listen under this number: only a refused connection proves that nobody does. */
  probe(owner: number): Promise<boolean> {
    return new Promise(resolve => {
      const socket = connect(this.#files.path(owner))
      socket.once('connect', () => resolve(true))
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(!refusals.has(error.code)))
      socket.once('connect', () => socket.destroy())
    })
  }

  /** The others see this worker as gone. No event comes afterwards. */
  async leave(): Promise<void> {
    if (this.#state === 'left') return
    this.#state = 'left'
    this.#files.remove(this.#options.owner)
    const closed = new Promise(resolve => this.#server.close(resolve))
    for (const peer of this.#peers.values()) peer.close()
    for (const socket of this.#strangers) socket.destroy()
    this.#peers.clear()
    this.#onMet?.()
    await closed
  }

  #listen(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      // Later ones are accepts that failed: who was not accepted tries again.
      this.#server.on('error', reject)
      this.#server.listen({ path, backlog }, resolve)
    })
  }

  #meet(owner: number): Peer {
    const { owner: self, sendBytesMax: bytesMax = sendBytesMax } = this.#options
    const peer: Peer = new Peer({
      owner,
      path: this.#files.path(owner),
      self,
      sendBytesMax: bytesMax,
      onConnected: () => this.#onMet?.(),
      onRefused: () => this.#lost(peer),
      onClosed: () => this.#lost(peer),
    })
    this.#peers.set(owner, peer)
    return peer
  }

  /** Resolves when all who were found have connected back or are gone, or after `joinMs`. */
  #allMet(): Promise<void> {
    return new Promise(resolve => {
      const end = () => {
        clearTimeout(timer)
        this.#onMet = undefined
        resolve()
      }
      const timer = setTimeout(end, this.#options.joinMs ?? joinMs)
      this.#onMet = () => {
        if ([...this.#peers.values()].every(peer => peer.isMet)) end()
      }
      this.#onMet()
    })
  }

  #accept(socket: Socket): void {
    const reader = new FrameReader()
    let from: Peer | undefined
    this.#strangers.add(socket)
    socket.setTimeout(helloMs, () => socket.destroy())
    socket.on('data', chunk => {
      reader.read(chunk, frame => {
        if (from !== undefined) this.#heard(from, frame)
        else from = this.#greeted(socket, frame)
      })
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      this.#strangers.delete(socket)
      if (from !== undefined) this.#lost(from)
    })
  }

  /** Whose connection it is; undefined, and closed, when it does not say. */
  #greeted(socket: Socket, { event, slot: owner }: Frame): Peer | undefined {
    const isHello = event === helloEvent && owner !== this.#options.owner && this.#state !== 'left'
    const peer = isHello ? (this.#peers.get(owner) ?? this.#meet(owner)) : undefined
    if (peer === undefined || !peer.hear(socket)) {
      socket.destroy()
      return undefined
    }
    this.#strangers.delete(socket)
    socket.setTimeout(0)
    this.#onMet?.()
    return peer
  }

  #heard(from: Peer, frame: Frame): void {
    if (this.#state === 'left' || !this.#isPeer(from)) return
    if (frame.event < reservedFrom) this.#options.onFrame(from.owner, frame)
    else if (frame.event === pingEvent) this.send(from.owner, { ...frame, event: pongEvent })
    else if (frame.event === pongEvent) this.#pings.answered(frame.value)
  }

  #isPeer(peer: Peer): boolean {
    return this.#peers.get(peer.owner) === peer
  }

  #lost(peer: Peer): void {
    if (this.#state === 'left' || !this.#isPeer(peer)) return
    const { owner } = peer
    this.#peers.delete(owner)
    this.#droppedByGone += peer.dropped
    peer.close()
    this.#files.remove(owner)
    this.#onMet?.()
    this.#options.onGone(owner)
  }
}
