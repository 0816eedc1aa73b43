// `cache verify`: reads every record and every body and compares them with their checksums.
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { measure } from '../cache/databases.js'
import { segmentPath } from '../cache/segments/header.js'
import type { Place } from '../cache/segments/place.js'
import { type Walked, walk } from '../cache/walk.js'
import { grouped } from '../explain/words.js'
import type { Inspected, Output } from './inspect.js'

const noteEveryMs = 1_000
const pieceBytes = 1024 * 1024
/** Segments that stay open: the bodies of neighbours by key may lie anywhere. */
const openMax = 64

interface Sum {
  entries: number
  bytes: number
  /** Bodies whose segment has left: their entries are as good as absent. */
  evicted: number
  damaged: number
}

export async function verify(inspected: Inspected, output: Output): Promise<number> {
  const { databases, config } = inspected
  const { entries: total } = measure(databases)
  const segments = new OpenSegments(join(config.cache.directory, 'segments'))
  const sum: Sum = { entries: 0, bytes: 0, evicted: 0, damaged: 0 }
  let notedMs = performance.now()
  try {
    for await (const walked of walk(databases)) {
      const fault = await faultOf(walked, segments, sum)
      sum.entries += 1
      sum.bytes += walked.bytes
      if (fault !== undefined) tell(walked, fault, sum, output)
      if (performance.now() - notedMs < noteEveryMs) continue
      notedMs = performance.now()
      output.note(`${grouped(sum.entries)} of ${grouped(total)} entries, ${grouped(sum.damaged)} damaged`)
    }
  } finally {
    await segments.close()
  }
  output.line(output.isJson ? JSON.stringify(sum) : textOf(sum))
  return sum.damaged > 0 ? 3 : 0
}

function tell({ place }: Walked, fault: string, sum: Sum, output: Output): void {
  sum.damaged += 1
  const variant = place.variant?.replaceAll('\n', ' ') ?? null
  if (output.isJson) output.line(JSON.stringify({ url: place.url, variant, fault }))
  else output.line(`damaged: ${place.url}${variant === null ? '' : ` variant=${variant}`}: ${fault}`)
}

async function faultOf(
  { entry, isSound }: Walked,
  segments: OpenSegments,
  sum: Sum,
): Promise<string | undefined> {
  if (entry === undefined) return 'the record cannot be read'
  if (!isSound) return 'the record is not what was stored under its key'
  if (entry.kind !== 'response' || entry.place === undefined || entry.place.bytes === 0) return undefined
  const file = await segments.open(entry.place.segment)
  if (file === undefined) sum.evicted += 1
  else if (!(await isBody(file, entry.place)))
    return `the body in segment ${entry.place.segment} is not what was stored`
  else sum.bytes += entry.place.bytes
  return undefined
}

async function isBody(file: FileHandle, { extents, crc }: Place): Promise<boolean> {
  const piece = Buffer.allocUnsafe(pieceBytes)
  let sum = 0
  for (const [offset, length] of extents) {
    for (let at = 0; at < length; ) {
      const { bytesRead } = await file.read(piece, 0, Math.min(pieceBytes, length - at), offset + at)
      if (bytesRead === 0) return false
      sum = crc32(piece.subarray(0, bytesRead), sum)
      at += bytesRead
    }
  }
  return sum === crc
}

function textOf({ entries, bytes, evicted, damaged }: Sum): string {
  const read = `${grouped(entries)} entries, ${grouped(bytes)} bytes read`
  return `${read}: ${grouped(damaged)} damaged, ${grouped(evicted)} without a body any more`
}

class OpenSegments {
  readonly #directory: string
  readonly #files = new Map<number, FileHandle | undefined>()

  constructor(directory: string) {
    this.#directory = directory
  }

  /** Undefined when it is not there any more. */
  async open(id: number): Promise<FileHandle | undefined> {
    if (this.#files.has(id)) return this.#files.get(id)
    if (this.#files.size >= openMax) await this.close()
    const file = await open(segmentPath(this.#directory, id), 'r').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    this.#files.set(id, file)
    return file
  }

  async close(): Promise<void> {
    for (const file of this.#files.values()) await file?.close()
    this.#files.clear()
  }
}
