// Plays: clients that read slowly. Every byte is right, the origin waits, and the memory of the process stays bounded.
import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import t from 'tap'
import { digest, noise, play, until } from '../support/play.js'

const mebibyte = 1_048_576

/** A connection that has asked, and reads nothing until told. */
function askAndWait(port: number, target: string): Socket {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.pause()
  socket.write(`GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
  return socket
}

/** Reads to the end, a little at a time; the head and the digest of the body, without its chunk framing. */
async function readAll(socket: Socket): Promise<{ head: string; bytes: number; digest: string }> {
  const hash = createHash('sha256')
  let head = ''
  let bytes = 0
  let unchunk: ((chunk: Buffer) => Buffer[]) | undefined
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    let body = chunk
    if (unchunk === undefined) {
      head += chunk.toString('latin1')
      const end = head.indexOf('\r\n\r\n')
      if (end < 0) continue
      body = Buffer.from(head.slice(end + 4), 'latin1')
      head = head.slice(0, end)
      unchunk = /transfer-encoding: chunked/i.test(head) ? chunks() : piece => [piece]
    }
    for (const piece of unchunk(body)) {
      hash.update(piece)
      bytes += piece.length
    }
  }
  return { head, bytes, digest: hash.digest('hex') }
}

/** Takes chunk framing off (RFC 9112 7.1), fed piece by piece. */
function chunks(): (piece: Buffer) => Buffer[] {
  let left = 0
  let line = ''
  return piece => {
    const bodies: Buffer[] = []
    for (let at = 0; at < piece.length; ) {
      if (left > 0) {
        const body = piece.subarray(at, at + left)
        bodies.push(body)
        left -= body.length
        at += body.length
        continue
      }
      const end = piece.indexOf('\n', at)
      line += piece.toString('latin1', at, end < 0 ? piece.length : end)
      at = end < 0 ? piece.length : end + 1
      if (end < 0) break
      if (line.trim() !== '') left = Number.parseInt(line, 16)
      line = ''
    }
    return bodies
  }
}

/** Writes `total` bytes of `block` again and again as fast as the peer takes them; `written` tells how far it is. */
function pour(response: ServerResponse, block: Buffer, total: number): { written: () => number } {
  let written = 0
  const more = (): void => {
    while (written < total) {
      written += block.length
      if (!response.write(block)) return void response.once('drain', more)
    }
    response.end()
  }
  more()
  return { written: () => written - response.writableLength }
}

/** The largest resident set while `act` runs, above that at its start. */
async function growth(act: () => Promise<void>): Promise<number> {
  const before = process.memoryUsage.rss()
  let peak = before
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss())
  }, 5)
  await act()
  clearInterval(timer)
  return peak - before
}

/** Resolves with the value once it has not changed for a while. */
async function settled(value: () => number): Promise<number> {
  let last = -1
  let since = performance.now()
  await until(() => {
    if (value() !== last) since = performance.now()
    last = value()
    return performance.now() - since > 150
  })
  return last
}

t.test('a slow reader gets every byte of a 1 MiB hit', async t => {
  const body = noise(mebibyte)
  const { edge, ask } = await play(t, (_, response) => {
    response.writeHead(200, { 'Cache-Control': 'max-age=60' })
    response.end(body)
  })
  await ask('/a', { headers: { host: 'a' } })
  const readers = Array.from({ length: 20 }, () => askAndWait(edge.port, '/a'))
  await until(() => edge.counters().results.hit + edge.counters().active >= 20)
  for (const reader of readers) {
    const { head, bytes, digest: got } = await readAll(reader)
    t.match(head, /; hit; /)
    t.equal(bytes, mebibyte)
    t.equal(got, digest(body))
  }
  await edge.idle()
  t.match(edge.counters(), { requests: 21, results: { hit: 20 }, clientAborts: 0, bytesOut: 21 * mebibyte })
})

t.test('a slow reader of 64 MiB that pass through holds the origin back', async t => {
  const total = 64 * mebibyte
  const block = noise(mebibyte)
  const whole = createHash('sha256')
  for (let turn = 0; turn < 64; turn += 1) whole.update(block)
  const expected = whole.digest('hex')
  for (const headers of [{ 'Content-Length': `${total}` }, { 'Transfer-Encoding': 'chunked' }]) {
    let poured: { written: () => number } | undefined
    const { edge } = await play(t, (_, response) => {
      response.writeHead(200, headers)
      poured = pour(response, block, total)
    })
    const grown = await growth(async () => {
      const reader = askAndWait(edge.port, '/a')
      await until(() => poured !== undefined)
      const stopped = await settled(() => poured?.written() ?? 0)
      t.ok(stopped < 24 * mebibyte, `the origin stopped after ${stopped} bytes`)
      const { bytes, digest: got } = await readAll(reader)
      t.equal(bytes, total)
      t.equal(got, expected)
    })
    t.ok(grown < 100 * mebibyte, `grew by ${grown} bytes`)
    await edge.idle()
    t.match(edge.counters(), { requests: 1, clientAborts: 0, bytesOut: total })
  }
})

t.test('beyond stalledBytesMax the answer is broken off, and the edge goes on', async t => {
  const body = noise(mebibyte)
  const { edge, ask } = await play(
    t,
    (_, response) => {
      response.writeHead(200, { 'Cache-Control': 'max-age=60' })
      response.end(body)
    },
    { more: { limits: { stalledBytesMax: mebibyte } } },
  )
  await ask('/a', { headers: { host: 'a' } })
  const readers = Array.from({ length: 20 }, () => askAndWait(edge.port, '/a'))
  await until(() => edge.counters().results.hit + edge.counters().active >= 20)
  const results = await Promise.allSettled(readers.map(readAll))
  for (const result of results) {
    const got = result.status === 'fulfilled' ? result.value : undefined
    if (got?.bytes === mebibyte) t.equal(got.digest, digest(body))
    else t.not(got?.bytes, mebibyte, 'never taken for complete')
  }
  t.ok((await ask('/a', { headers: { host: 'a' } })).body.equals(body))
})
