// What two readers make of the same requests of the engine: known-heads.ts and read.ts.
import type { HttpRequest } from 'uWebSockets.js'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Test } from 'tap'
import { knownHeads, loadEngine } from '../../accept/engine.js'
import type { PlainExchange } from '../../accept/plain-exchange.js'
import { read } from '../../accept/read.js'
import type { Exchange } from '../../exchange.js'
import { NotingResponder } from './exchange.js'

export const engine = loadEngine(16_384)
export const heads = knownHeads()
export const skip = heads === undefined ? 'the addon for this engine was not built' : false

export interface Both {
  known: PlainExchange | undefined
  whole: Exchange
}

/** What both readers made of each request, which are sent over one connection, one after the other. */
export async function readBoth(t: Test, requests: readonly string[]): Promise<Both[]> {
  const all: Both[] = []
  const app = engine.App().any('/*', (response, request: HttpRequest) => {
    const responder = new NotingResponder()
    // The known one first: the other must not need to have been there.
    const known = heads!.read(request, responder, 5, 6, 'http')
    known?.keepFields()
    all.push({ known, whole: read(request, responder, 5, 6) })
    response.end('.')
  })
  const port = await new Promise<number>(resolve => {
    app.listen('127.0.0.1', 0, token => resolve(engine.us_socket_local_port(token as object)))
  })
  t.teardown(() => app.close())
  const socket = connect(port, '127.0.0.1').setEncoding('latin1')
  for (const [at, request] of requests.entries()) {
    socket.write(Buffer.from(request, 'latin1'))
    while (all.length <= at) await once(socket, 'data')
  }
  socket.destroy()
  return all
}

/** In the order in which a request is kept whose lines may go on as they are: Host, then Connection, then the others. */
export function inOrder(fields: readonly string[]): string[] {
  const placeOf = (name: string) => ['host', 'connection', name].indexOf(name)
  const pairs = fields.flatMap((name, at) => (at % 2 === 0 ? [[name, fields[at + 1]!]] : []))
  return pairs.sort(([one], [other]) => placeOf(one!) - placeOf(other!)).flat()
}

export const plain = 'Host: a.example\r\nUser-Agent: x\r\nAccept-Encoding: gzip, br\r\n'
export const get = (target: string, lines = plain) => `GET ${target} HTTP/1.1\r\n${lines}\r\n`
