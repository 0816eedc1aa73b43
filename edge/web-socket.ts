// Opens a WebSocket (RFC 6455 4): its handshake goes to an origin like any request (relay.ts); what is said after a 101 is
// web-socket-session.ts's.
import type { Asked } from './cache/decide.js'
import { countSwitched, refuse } from './conclude.js'
import type { Edge } from './edge.js'
import type { EdgeError } from './error.js'
import type { Exchange } from './exchange.js'
import type { AnswerHandler } from './fetch/answer-handler.js'
import type { Connection } from './fetch/connection.js'
import { cacheStatus } from './http/cache-status.js'
import { type Fields, firstValue } from './http/fields.js'
import { isHandshakeField, isVersionSpoken } from './http/web-socket.js'
import { judgeForwarding } from './judge-forwarding.js'
import { Relay } from './relay.js'
import { streamedHead } from './respond/assemble.js'
import { type Refusal, refusals } from './respond/refuse.js'
import type { Head } from './respond/responder.js'
import { WebSocketSession } from './web-socket-session.js'

/** RFC 9110 7.8: else it is answered as if it had not asked for one. What follows a body could not be told from frames. */
export function mayOpenWebSocket(x: Exchange, asked: Asked): boolean {
  return x.site!.config.webSocket.pass && !asked.hasBody
}

/**
 * A WebSocket is between its two ends: nothing of it is looked up or stored. An origin is asked for it; any other answer
 * than a 101 is passed on as it is.
 */
export function openWebSocket(edge: Edge, x: Exchange): void {
  const refusal = judgeForwarding(edge, x) ?? judgeWebSocket(edge, x)
  if (refusal !== undefined) return refuse(edge, x, refusal)
  x.result = 'pass'
  x.reason = 'bypass'
  new Opening(edge, x).start()
}

/** Why it is not opened though the origin might; undefined when it may be. */
export function judgeWebSocket(edge: Edge, x: Exchange): Refusal | undefined {
  if (!isVersionSpoken(x.fields)) return refusals.webSocketVersion
  if (edge.isDraining) return refusals.draining
  const isFull = edge.webSockets.size >= edge.config.limits.webSocketsMax
  return isFull ? refusals.tooManyWebSockets : undefined
}

class Opening implements AnswerHandler {
  readonly #edge: Edge
  readonly #x: Exchange
  readonly #relay: Relay

  constructor(edge: Edge, x: Exchange) {
    this.#edge = edge
    this.#x = x
    this.#relay = new Relay(edge, x, {
      kind: 'alone',
      reason: 'bypass',
      stored: undefined,
      isHandshake: true,
    })
  }

  start(): void {
    this.#relay.start(this)
  }

  onHead(status: number, fields: Fields): void {
    this.#relay.onHead(status, fields)
  }

  onBody(chunk: Buffer): boolean {
    return this.#relay.onBody(chunk)
  }

  onEnd(): void {
    this.#relay.onEnd()
  }

  onError(error: EdgeError): void {
    this.#relay.onError(error)
  }

  onSwitch(fields: Fields, rest: Buffer, connection: Connection): void {
    const { responder } = this.#x
    if (responder.state !== 'open') return connection.destroy()
    responder.onEnd = undefined
    responder.onDrain = undefined
    const session = new WebSocketSession(this.#edge, this.#x, connection)
    const key = firstValue(this.#x.fields, 'sec-websocket-key')!
    const protocol = firstValue(fields, 'sec-websocket-protocol') ?? ''
    this.#x.status = 101
    responder.openWebSocket!({ head: this.#head(fields), key, protocol }, session)
    countSwitched(this.#edge, this.#x)
    session.start(rest)
  }

  #head(fields: Fields): Head {
    const said = { kind: 'forwarded', reason: 'bypass', forwardStatus: 101 } as const
    return streamedHead({
      status: 101,
      fields: fields.filter((_, at) => !isHandshakeField(fields[at - (at % 2)]!)),
      freshness: { lifetimeMs: 0, basis: 'none' },
      ageMs: 0,
      receivedMs: Date.now(),
      identity: this.#edge.config.cdnId,
      cacheStatus: cacheStatus(this.#edge.config.cdnId, said),
      hidden: this.#x.site!.rules.hidden,
    })
  }
}
