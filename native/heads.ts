// Reads the heads of requests where the engine has them: source/engine/, a second addon, over V8 and for one version of Node.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { engineAddonFile, loadEngineAddon } from './engine-addon.js'

/** Bits of what `scan` returns, besides the lower sixteen, which are those of `Mark`. The same in source/engine/heads.h. */
export const Seen = {
  isHead: 1 << 16,
  hasCodings: 1 << 17,
  isNewTarget: 1 << 18,
  isNewHost: 1 << 19,
  isNewCodings: 1 << 20,
  /** Its target has no place: it was seen for the first time, where there is another. */
  isStrange: 1 << 21,
  /** It is to be read whole: nothing else is known then. */
  odd: 0x8000_0000,
} as const

export interface HeadScanner {
  /**
   * Bits of `Seen` and `Mark` for a request of the engine whose handler has not returned. A plain one is a GET or a HEAD
   * with one Host, at most one line of Accept-Encoding, no body, nothing but keep-alive in Connection and texts that are
   * not long.
   */
  scan(request: object): number
  /**
   * Of one that was not odd and whose handler has not returned: `name: value` and CRLF for each of its fields but Host and
   * Connection, names in lower case. Undefined when one of them means something to those who forward (RFC 9110 7.6), has a
   * name that begins with X-, or is not printable ASCII, or when all are longer than 8,192 bytes. Then whether there was a
   * Connection, which said keep-alive, is the fourth of `places`: 1 or 0.
   */
  lines(request: object): string | undefined
  /**
   * A number that the connection of a response of the engine has while it is open, and no other meanwhile; 0 for one that is
   * over.
   */
  socketOf(response: object): number
  /** Of the last one that was not odd: slots of target, Host and, if there was one, Accept-Encoding. One text, one slot. */
  readonly places: Uint32Array
}

/** The one whose memory source/engine/heads.h describes. */
const engineVersion = '20.51.4'

/**
 * Undefined when heads can only be read through the engine's own functions: the addon is not there or for another version
 * of Node, or the engine is of another version than it knows. `engineDirectory`: of the engine's package.
 */
export function headScanner(engineDirectory: string, file = engineAddonFile): HeadScanner | undefined {
  const engine = isKnownEngine(engineDirectory) ? loadEngineAddon(file) : undefined
  if (engine === undefined) return undefined
  // Larger than what V8 keeps on its own heap, where it could move.
  const places = new ArrayBuffer(4_096)
  engine.scanInto(places)
  return {
    scan: engine.scan,
    lines: engine.lines,
    socketOf: engine.socketOf,
    places: new Uint32Array(places, 0, 4),
  }
}

export function isKnownEngine(engineDirectory: string): boolean {
  return createRequire(import.meta.url)(join(engineDirectory, 'package.json')).version === engineVersion
}
