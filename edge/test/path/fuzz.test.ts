// A running edge under damaged messages, and an origin that notes what reaches it: never more requests than were sent,
// never a byte of one client's body with another, nothing that a strict origin cannot read, and no crash. In the tests
// a moment; `npm run fuzz` goes on for ten minutes. NAIJ_FUZZ_SEED repeats a run.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { needsAddon } from '../../../native/test/support/addon.js'
import { get } from '../support/client.js'
import { startEdge, testConfig } from '../support/edge.js'
import { chunkMessages, messages } from '../support/messages.js'
import { cut, type Dice, diceOf, mutate } from '../support/mutate.js'

const seconds = Number(process.env.NAIJ_FUZZ_SECONDS ?? 6)
const seed = Number(process.env.NAIJ_FUZZ_SEED ?? 20_261_129)
const together = 100
/** So long a connection may say nothing. */
const quietMs = 60

interface Heard {
  requests: number
  /** Numbers of clients whose marks stood in them. */
  marks: Set<string>
}

async function noteTaker(t: Test) {
  const heard = new Map<string, Heard>()
  const unreadable: string[] = []
  const server = createServer({ maxHeaderSize: 65_536 }, (request, response) => {
    const address = String(request.headers['x-forwarded-for'])
    const own = heard.get(address) ?? { requests: 0, marks: new Set() }
    heard.set(address, own)
    own.requests += 1
    const note = (text: string) => {
      for (const [mark] of text.matchAll(/~\d+~/g)) own.marks.add(mark)
    }
    note(`${request.method} ${request.url} ${request.rawHeaders.join(' ')}`)
    request.setEncoding('latin1')
    request.on('data', note)
    request.on('error', () => {})
    request.on('end', () => response.end('ok'))
  })
  server.on('clientError', (error: NodeJS.ErrnoException & { rawPacket?: Buffer }, socket) => {
    // A method that only this origin's parser does not know, and a client that left.
    const isOurs = !['ECONNRESET', 'HPE_INVALID_METHOD', 'HPE_INVALID_EOF_STATE', 'EPIPE'].includes(
      error.code ?? '',
    )
    if (isOurs)
      unreadable.push(`${error.code}: ${JSON.stringify(error.rawPacket?.toString('latin1').slice(0, 300))}`)
    socket.destroy()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard, unreadable }
}

/** One client of an address of its own: what it sent, and whether it was answered. */
function tell(port: number, localAddress: string, parts: readonly string[]): Promise<void> {
  return new Promise(resolve => {
    const socket = connect({ port, host: '127.0.0.1', localAddress })
    const end = () => {
      clearTimeout(timer)
      socket.destroy()
      resolve()
    }
    const timer = setTimeout(end, quietMs)
    socket.on('error', end)
    socket.on('close', end)
    socket.on('data', () => timer.refresh())
    const [first = '', ...others] = parts
    socket.write(Buffer.from(first, 'latin1'))
    for (const [at, part] of others.entries())
      setTimeout(() => socket.write(Buffer.from(part, 'latin1')), at + 1)
  })
}

/** Another one for a long time: what comes late is taken for nobody else's. */
function addressOf(number: number): string {
  return `127.${1 + ((number >> 14) & 127)}.${(number >> 7) & 127}.${1 + (number & 127)}`
}

function damaged(number: number, dice: Dice): string {
  const all = [...messages, ...chunkMessages]
  const { bytes } = all[dice.below(all.length)]!
  // Its own mark is in its target and its body.
  const marked = bytes.replaceAll('~~', `~${number}~`).replaceAll('hello', `~${number}~`)
  return mutate(marked, dice)
}

// Of both engines, with room for a busy machine.
// Of the whole suite that this file is in, which is never to have less than others (.ci/tests.mjs).
t.setTimeout((2 * seconds + 600) * 1_000)

for (const engine of ['uws', 'node']) {
  t.test(
    `${engine}: damaged messages, seed ${seed}`,
    { ...needsAddon, timeout: (seconds + 120) * 1_000 },
    async t => {
      const { url, heard, unreadable } = await noteTaker(t)
      const listen = [{ address: '127.0.0.1', port: 0, engine, connectionsMax: 10_000 }]
      const config = testConfig(
        t,
        [url],
        { ejection: { failures: 0, errorPercent: 0 } },
        { listen, log: { level: 'error' } },
      )
      const edge = await startEdge(t, config)
      const dice = diceOf(seed)
      const endMs = performance.now() + seconds * 1_000
      let number = 0
      const faults: string[] = []
      while (performance.now() < endMs && faults.length === 0) {
        heard.clear()
        const sent = Array.from({ length: together }, () => {
          number += 1
          return { number, address: addressOf(number), bytes: damaged(number, dice) }
        })
        await Promise.all(sent.map(({ address, bytes }) => tell(edge.port, address, cut(bytes, dice))))
        await edge.idle()
        for (const one of sent) faults.push(...faultsOf(one, heard.get(one.address)))
        faults.push(...unreadable.map(what => `the origin cannot read ${what}`))
      }
      t.comment(`${number} messages`)
      t.ok(number > 0)
      t.strictSame(faults, [])
      t.equal((await get(edge.port, '/')).text, 'ok', 'and it goes on')
    },
  )
}

function faultsOf({ number, bytes }: { number: number; bytes: string }, heard: Heard | undefined): string[] {
  if (heard === undefined) return []
  const shown = JSON.stringify(bytes.slice(0, 2_000))
  const faults: string[] = []
  // No message is without its version.
  const sent = bytes.split(/HTTP\/1\.[01]/i).length - 1
  if (heard.requests > Math.max(sent, 1)) faults.push(`${heard.requests} requests of ${sent}: ${shown}`)
  const others = [...heard.marks].filter(mark => mark !== `~${number}~`)
  // A change may have made another number of its own.
  const strange = others.filter(mark => !bytes.includes(mark))
  if (strange.length > 0) faults.push(`marks of others, ${strange.join()}: ${shown}`)
  return faults
}
