// Sends the body of a stored response, or the parts of it that were asked for: at once when it is at hand and short, else
// as the client takes it.
import type { ResponseEntry } from './cache/entry.js'
import { type Part, PlacedBody } from './cache/placed-body.js'
import { pieceBytesMax } from './cache/segment-reads.js'
import type { Edge } from './edge.js'
import type { Exchange } from './exchange.js'
import { Pour } from './respond/pour.js'
import type { Head } from './respond/responder.js'

/** Where a short body is put together. */
const assembly = Buffer.allocUnsafeSlow(pieceBytesMax)

/** Returns what still flows when it is not all sent; `pieces` are never empty, and all of the body when absent. */
export function sendBody(
  edge: Edge,
  x: Exchange,
  head: Head,
  entry: ResponseEntry,
  pieces?: readonly Part[],
): Pour | undefined {
  const { place, body } = entry
  if (!entry.isAtHand) {
    const all = [{ first: 0, last: place!.bytes - 1 }]
    return sendPlaced(x, head, new PlacedBody(edge.store.bodies!, place!, pieces ?? all))
  }
  x.responder.send(head, pieces === undefined ? body : assemble(body, pieces))
  return undefined
}

function assemble(body: Uint8Array, pieces: readonly Part[]): Uint8Array {
  const parts = pieces.map(part =>
    part instanceof Uint8Array ? part : body.subarray(part.first, part.last + 1),
  )
  return parts.length === 1 ? parts[0] : Buffer.concat(parts)
}

function sendPlaced(x: Exchange, head: Head, body: PlacedBody): Pour | undefined {
  const { responder } = x
  const whole = body.length <= assembly.length ? body.readCached(assembly) : undefined
  if (whole !== undefined) {
    body.close()
    responder.send(head, whole)
    return undefined
  }
  // A request that follows in the same connection waits in the kernel.
  responder.hold()
  responder.open(head, body.length)
  const pour = new Pour(body, responder)
  pour.start()
  return pour
}
