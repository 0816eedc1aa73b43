// The origin behind the proxies under test: a bare TCP server that answers GET with bytes made beforehand, so that
// it takes as little as possible of the core it shares with the load generator. It trusts its clients (the proxies
// of this bench) and reads no more of a request than the target and where the head ends.
import { createHash } from 'node:crypto'
import { createServer, type Server, type Socket } from 'node:net'
import { OBJECT_BYTES } from '../catalog-objects.js'
import { MOST_BYTES, OBJECTS, objectBytes, objectTag } from '../mixed-objects.js'

/** A request head may not be longer; what comes is a browser's request plus a proxy's own fields. */
const HEAD_CHARACTERS_MAX = 32_768
/** Bodies up to here; larger targets are refused. */
const BODY_BYTES_MAX = 16 * 1024 * 1024
/** So many different answers are kept ready; further ones are made anew each time. */
const ANSWERS_MAX = 64
/** What of a head says how long the body of a request is. */
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i
const NOT_FOUND = Buffer.from(
  'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nCache-Control: no-store\r\n\r\n',
)
/** Changes nothing from run to run, so that cached bytes stay comparable. */
const LAST_MODIFIED = 'Mon, 05 Jan 2026 08:00:00 GMT'

/**
 * `GET /text/N` is N bytes of a page, which may be compressed and kept for a day. `GET /hit/N` is N bytes that may be cached for a day, `GET /miss/N` the same bytes that may not be stored; `/mixed/N`,
 * or `/mixed/N-` and anything, is an object of scenario `mixed`, `/catalog/N` one of `catalog`. A body that is sent is read and forgotten.
 * An answer keeps the Date at which it was made: a bench run is short against the day. The type is an image's and the bytes look random: no peer is tempted to compress them.
 */
export function serveOrigin(): Server {
  const answers = new Map<string, Buffer>()
  return createServer({ noDelay: true }, socket => converse(socket, answers))
}

function converse(socket: Socket, answers: Map<string, Buffer>): void {
  let pending = ''
  /** Of the body of a request whose answer waits for it. */
  let bodyLeft = 0
  let answer: readonly Buffer[] = []
  const give = (): void => {
    if (answer.length > 1) socket.cork()
    for (const part of answer) socket.write(part)
    if (answer.length > 1) socket.uncork()
  }
  socket.on('data', chunk => {
    if (bodyLeft >= chunk.length) {
      bodyLeft -= chunk.length
      return bodyLeft === 0 ? give() : undefined
    }
    if (bodyLeft > 0) give()
    pending += chunk.toString('latin1', bodyLeft)
    bodyLeft = 0
    for (let end = pending.indexOf('\r\n\r\n'); end !== -1; end = pending.indexOf('\r\n\r\n')) {
      answer = answerTo(pending, answers)
      const bodyBytes = pending.startsWith('POST ')
        ? Number(CONTENT_LENGTH.exec(pending.slice(0, end))?.[1] ?? 0)
        : 0
      const bodyEnd = end + 4 + bodyBytes
      bodyLeft = Math.max(bodyEnd - pending.length, 0)
      pending = pending.slice(bodyEnd)
      if (bodyLeft > 0) return
      give()
    }
    if (pending.length > HEAD_CHARACTERS_MAX) socket.destroy()
  })
  // A proxy that drops a kept connection is ordinary here; the load's own counters tell when it is not.
  socket.on('error', () => socket.destroy())
}

function answerTo(head: string, answers: Map<string, Buffer>): readonly Buffer[] {
  const target = head.slice(head.indexOf(' ') + 1, head.indexOf(' ', head.indexOf(' ') + 1))
  if (target.startsWith('/catalog/')) return catalogAnswer(Number(target.slice('/catalog/'.length)))
  const object = /^\/mixed\/(\d+)(?:-|$)/.exec(target)
  if (object !== null) return mixedAnswer(Number(object[1]))
  let answer = answers.get(target)
  if (answer === undefined) {
    answer = makeAnswer(target)
    if (answers.size < ANSWERS_MAX) answers.set(target, answer)
  }
  return [answer]
}

/** Bodies are cut from one buffer, at different places. */
let mixedBytes: Buffer | undefined

function mixedAnswer(number: number): readonly Buffer[] {
  mixedBytes ??= plainBytes(MOST_BYTES + OBJECTS)
  const bytes = objectBytes(number)
  const at = number % OBJECTS
  return [
    Buffer.from(headOf(bytes, 'public, max-age=86400', objectTag(number))),
    mixedBytes.subarray(at, at + bytes),
  ]
}

function catalogAnswer(number: number): readonly Buffer[] {
  mixedBytes ??= plainBytes(MOST_BYTES + OBJECTS)
  const at = number % OBJECTS || 0
  const head = headOf(OBJECT_BYTES, 'public, max-age=86400', `"catalog-${number}"`)
  return [Buffer.from(head), mixedBytes.subarray(at, at + OBJECT_BYTES)]
}

function makeAnswer(target: string): Buffer {
  const match = /^\/(hit|miss|text)\/(\d+)$/.exec(target)
  const bytes = Number(match?.[2])
  if (match === null || bytes > BODY_BYTES_MAX) return NOT_FOUND
  const isText = match[1] === 'text'
  const body = isText ? textBytes(bytes) : plainBytes(bytes)
  const cacheControl = match[1] === 'miss' ? 'no-store' : 'public, max-age=86400'
  const tag = `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"`
  return Buffer.concat([
    Buffer.from(headOf(bytes, cacheControl, tag, isText ? 'text/html' : 'image/jpeg')),
    body,
  ])
}

function headOf(bytes: number, cacheControl: string, tag: string, type = 'image/jpeg'): string {
  const head = [
    'HTTP/1.1 200 OK',
    `Date: ${new Date().toUTCString()}`,
    `Content-Type: ${type}`,
    `Content-Length: ${bytes}`,
    `Cache-Control: ${cacheControl}`,
    `ETag: ${tag}`,
    `Last-Modified: ${LAST_MODIFIED}`,
    'Accept-Ranges: bytes',
  ]
  return `${head.join('\r\n')}\r\n\r\n`
}

/** The same bytes in every run, without pattern: a xorshift generator with a fixed seed. */
export function plainBytes(length: number): Buffer {
  const bytes = Buffer.alloc(length)
  let word = 0x9e3779b9
  for (let i = 0; i < length; i++) {
    word ^= word << 13
    word ^= word >>> 17
    word ^= word << 5
    bytes[i] = word & 0xff
  }
  return bytes
}

/** Words of a page in an order without pattern: they shrink to about a fourth, as pages do. */
export function textBytes(length: number): Buffer {
  const words = [
    'edge',
    'cache',
    'origin',
    '<p>',
    '</p>',
    'stored',
    'fresh',
    'purge',
    'request',
    'answer',
    'of',
    'the',
    'and',
  ]
  const noise = plainBytes(length)
  const text: string[] = []
  for (let [at, bytes] = [0, 0]; bytes <= length; at += 1) {
    const word = at % 5 === 0 ? noise[at]!.toString(16) : words[noise[at]! % words.length]!
    text.push(word)
    bytes += word.length + 1
  }
  return Buffer.from(text.join(' ')).subarray(0, length)
}
