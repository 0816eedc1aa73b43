// The connections of a listener on Node's own server: counted at the door, made for whom they say when that is believed,
// and only then read.
import type { Socket } from 'node:net'
import type { Door } from './door.js'
import { networkTest } from './networks.js'
import type { Bounds } from './node-bounds.js'
import { addressOf } from './node-connection.js'
import type { NodeServer } from './node-server.js'
import { type Preface, readPreface } from './proxy-preface.js'

type Begin = (socket: Socket) => void

export class Connections {
  readonly #open = new Set<Socket>()
  readonly #door: Door
  readonly #headMs: number
  readonly #isProxy: ((address: string) => boolean) | undefined
  /** Of those that were made for somebody else, by the peer: over TLS, Node shows another socket of the same. */
  readonly #clients = new Map<string, string>()

  /** `proxyFrom`: whom to believe. */
  constructor(door: Door, { headMs }: Pick<Bounds, 'headMs'>, proxyFrom: readonly string[]) {
    this.#door = door
    this.#headMs = headMs
    this.#isProxy = networkTest(proxyFrom)
  }

  /** From now on the server begins to read a connection when it is known whose it is. */
  watch(server: NodeServer): void {
    const listeners = server.listeners('connection')
    server.removeAllListeners('connection')
    const begin: Begin = socket => {
      for (const listener of listeners) listener.call(server, socket)
    }
    server.on('connection', (socket: Socket) => {
      // One that Node has given away is read once more.
      if (this.#open.has(socket)) begin(socket)
      else this.#enter(socket, begin)
    })
  }

  /** Of the client, whoever it came through. */
  addressOf(socket: Socket): string {
    return (this.#clients.size > 0 ? this.#clients.get(peerOf(socket)) : undefined) ?? addressOf(socket)
  }

  cut(): void {
    for (const socket of this.#open) socket.destroy()
  }

  #enter(socket: Socket, begin: Begin): void {
    const peer = addressOf(socket)
    this.#open.add(socket)
    if (this.#isProxy?.(peer)) return this.#ask(socket, begin)
    socket.once('close', () => this.#leave(socket, peer))
    if (this.#door.enter(peer)) begin(socket)
    else socket.destroy()
  }

  /** Whose it is counts, not who connected. */
  #ask(socket: Socket, begin: Begin): void {
    const peer = peerOf(socket)
    let client = ''
    socket.once('close', () => {
      this.#clients.delete(peer)
      this.#leave(socket, client)
    })
    if (!this.#door.enter()) return void socket.destroy()
    readPreface(socket, this.#headMs, preface => {
      if (preface.kind === 'known') client = preface.address ?? addressOf(socket)
      if (!this.#mayStay(preface, client)) return void socket.destroy()
      if (client !== addressOf(socket)) this.#clients.set(peer, client)
      begin(socket)
      // TLS takes by itself what was put back, HTTP when it flows.
      if (socket.listenerCount('data') > 0) socket.resume()
    })
  }

  #mayStay(preface: Preface, client: string): boolean {
    if (preface.kind === 'refused') this.#door.refuse('proxy')
    return preface.kind === 'known' && this.#door.know(client)
  }

  #leave(socket: Socket, client: string): void {
    this.#open.delete(socket)
    this.#door.leave(client)
  }
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
