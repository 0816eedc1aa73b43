// Brotli, zstd and gzip, both ways, in one piece. Synchronous where it can be: whoever calls this has a thread to itself,
// or a body so short that it does not matter.
import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import zlib, { constants } from 'node:zlib'
import type { Coding } from '../http/content-codings.js'

/** `fast`: at once, while somebody waits; `best`: as small as it gets, when there is time. */
export type Effort = 'fast' | 'best'

/** It would be longer than allowed, or is not what it says it is. */
export class DecodeError extends Error {
  constructor(
    readonly code: 'too-large' | 'damaged',
    cause: unknown,
  ) {
    super(`cannot be decoded: ${code}`, { cause })
  }
}

interface Zstd {
  compress(body: Uint8Array, level: number): Buffer
  /** Rejects when it is damaged, or longer than `bytesMax`. */
  decompress(body: Uint8Array, bytesMax: number): Promise<Buffer> | Buffer
}

/** What of the library is used: its own types are not there where it is not. */
interface ZstdLibrary {
  compress(body: Uint8Array, parameters: { compressionLevel: number }): Buffer
  DecompressStream: new () => NodeJS.ReadWriteStream
  Compressor: new () => {
    setParameters(parameters: { compressionLevel: number; windowLog: number }): void
    loadDictionary(dictionary: Uint8Array): void
    compress(body: Uint8Array): Buffer
  }
}

/** Of Brotli and zstd the last steps cost many times what they save: best is where that begins. */
const levels = {
  br: { fast: 4, best: 11 },
  zstd: { fast: 3, best: 19 },
  gzip: { fast: 6, best: 9 },
} as const

/** Above it the best of Brotli takes seconds. */
const bestBytesMax = 2 * 1024 * 1024

const library = loadLibrary()

/** Node has it from 22.15 on; before, a library does, where it could be compiled. */
const zstd: Zstd | undefined = zstdOfNode() ?? (library && zstdOf(library))

/** The codings that can be made here. */
export const codingsAtHand: ReadonlySet<Coding> = new Set<Coding>(
  zstd ? ['br', 'zstd', 'gzip'] : ['br', 'gzip'],
)

export function encode(coding: Coding, effort: Effort, body: Uint8Array): Buffer {
  const level = levels[coding][effort]
  switch (coding) {
    case 'br':
      return encodeBrotli(body, effort === 'best' && body.length > bestBytesMax ? 9 : level)
    case 'zstd':
      if (zstd === undefined) throw new Error('there is no zstd here')
      return zstd.compress(body, level)
    case 'gzip':
      return zlib.gzipSync(body, { level })
  }
}

/** With a window no larger than the body: a larger one costs memory and time, and finds nothing. */
function encodeBrotli(body: Uint8Array, quality: number): Buffer {
  const windowBits = Math.ceil(Math.log2(Math.max(body.length, 1)))
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: quality,
    [constants.BROTLI_PARAM_LGWIN]: Math.min(Math.max(windowBits, constants.BROTLI_MIN_WINDOW_BITS), 22),
    [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
  }
  return zlib.brotliCompressSync(body, { params })
}

/** Whether differences to a dictionary can be made here: Node's own codecs take none yet. */
export function hasDeltas(): boolean {
  return library !== undefined
}

/** A skippable frame with the hash of the dictionary, then one of zstd that refers to it (RFC 9842 5). */
export function encodeDelta(effort: Effort, body: Uint8Array, dictionary: Uint8Array): Buffer {
  if (library === undefined) throw new Error('there are no dictionaries here')
  const compressor = new library.Compressor()
  // As wide as both, so that all of the dictionary is in sight; clients need take no more (RFC 9842 5).
  const windowBits = Math.ceil(Math.log2(dictionary.length + body.length + 1))
  const windowLog = Math.min(Math.max(windowBits, 10), 23)
  compressor.setParameters({ compressionLevel: levels.zstd[effort], windowLog })
  compressor.loadDictionary(dictionary)
  const hash = createHash('sha256').update(dictionary).digest()
  return Buffer.concat([deltaMagic, hash, compressor.compress(body)])
}

const deltaMagic = Buffer.from([0x5e, 0x2a, 0x4d, 0x18, 0x20, 0x00, 0x00, 0x00])

/** Rejects with `DecodeError`. */
export async function decode(coding: string, body: Uint8Array, bytesMax: number): Promise<Buffer> {
  try {
    return await decodeAny(coding, body, bytesMax)
  } catch (error) {
    const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
    throw new DecodeError(isTooLarge ? 'too-large' : 'damaged', error)
  }
}

function decodeAny(coding: string, body: Uint8Array, bytesMax: number): Promise<Buffer> | Buffer {
  const options = { maxOutputLength: bytesMax }
  switch (coding) {
    case 'br':
      return zlib.brotliDecompressSync(body, options)
    case 'gzip':
      return zlib.gunzipSync(body, options)
    case 'deflate':
      // RFC 9110 8.4.1.2: some send it without the frame of zlib. The first half byte tells (RFC 1950 2.2).
      return (body[0]! & 0x0f) === 8 ? zlib.inflateSync(body, options) : zlib.inflateRawSync(body, options)
    case 'zstd':
      if (zstd !== undefined) return zstd.decompress(body, bytesMax)
  }
  throw new Error(`no such coding: ${coding}`)
}

function zstdOfNode(): Zstd | undefined {
  const later = zlib as unknown as {
    zstdCompressSync?: (body: Uint8Array, options: object) => Buffer
    zstdDecompressSync?: (body: Uint8Array, options: object) => Buffer
    constants: Record<string, number>
  }
  const { zstdCompressSync, zstdDecompressSync } = later
  if (zstdCompressSync === undefined || zstdDecompressSync === undefined) return undefined
  const levelName = later.constants.ZSTD_c_compressionLevel!
  return {
    compress: (body, level) => zstdCompressSync(body, { params: { [levelName]: level } }),
    decompress: (body, maxOutputLength) => zstdDecompressSync(body, { maxOutputLength }),
  }
}

function loadLibrary(): ZstdLibrary | undefined {
  try {
    return createRequire(import.meta.url)('zstd-napi') as ZstdLibrary
  } catch {
    // It is optional: where it could not be compiled there is none.
    return undefined
  }
}

function zstdOf({ compress, DecompressStream }: ZstdLibrary): Zstd {
  return {
    compress: (body, compressionLevel) => compress(body, { compressionLevel }),
    decompress: (body, bytesMax) => collect(new DecompressStream(), body, bytesMax),
  }
}

async function collect(stream: NodeJS.ReadWriteStream, body: Uint8Array, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  stream.end(body)
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > bytesMax) throw Object.assign(new Error('too long'), { code: 'ERR_BUFFER_TOO_LARGE' })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
