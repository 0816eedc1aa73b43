// Two edges over one origin that are told the same, byte by byte: one gives again ahead of the engine, one does not. What they
// answer is brought to what has to be the same.
import { mkdirSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import type { Test } from 'tap'
import type { EdgeConfig } from '../../../../config/settings.js'
import { connectRaw, type RawClient } from '../../support/client.js'
import { startEdge, type TestEdge, testConfig } from '../../support/edge.js'
import { startOrigin } from '../../support/origin.js'
import { looseField } from './attack-origin.js'

export interface Twins {
  /** The first is the one that gives again. */
  edges: [TestEdge, TestEdge]
}

export async function twinsOf(
  t: Test,
  script: RequestListener,
  more: Record<string, unknown> = {},
  over: Partial<EdgeConfig> = {},
): Promise<Twins> {
  const origin = await startOrigin(t, script)
  const origins = [origin.url]
  const sites = [
    { name: 'a', hosts: ['a'], origins },
    { name: 'keyed', hosts: ['keyed'], origins, cache: { keyFields: ['x-country'] } },
    { name: 'obeying', hosts: ['obeying'], origins, cache: { honourClientDirectives: true } },
    { name: 'secure', hosts: ['secure'], origins, https: { redirect: '301' } },
    { name: 'sorted', hosts: ['sorted'], origins, cache: { query: { drop: ['utm_*'] } } },
    {
      name: 'imaging',
      hosts: ['imaging'],
      origins,
      optimise: { images: true, image: { saveData: true, clientHints: true } },
    },
    {
      name: 'learning',
      hosts: ['learning'],
      origins,
      optimise: { dictionaries: true, dictionaryPaths: ['/page*'] },
    },
    { name: 'used', hosts: ['used'], origins, overQuota: true },
  ]
  const configs = [true, false].map(replay =>
    testConfig(t, origins, {}, { sites, log: { access: 'off' }, cache: { replay }, ...more }),
  )
  const edges: TestEdge[] = []
  for (const [index, config] of configs.entries()) {
    const directory = `${config.run.directory}-${index}`
    mkdirSync(directory)
    const cache = { ...config.cache, directory: `${config.cache.directory}-${index}` }
    mkdirSync(cache.directory)
    const state = { directory: `${directory}/state` }
    edges.push(await startEdge(t, { ...config, ...over, cache, state, run: { directory } }, 'lmdb'))
  }
  return { edges: edges as [TestEdge, TestEdge] }
}

const head = /HTTP\/1\.1 \d{3}[\s\S]*?\r\n\r\n/g

/** Without what tells the time, and of where it came from only what the request itself decides. */
export function comparable(text: string): string {
  return text.replace(head, lines => {
    const isLoose = lines.toLowerCase().includes(`\r\n${looseField}:`)
    const timeless = lines
      .replace(/\r\n(?:Date|Age): [^\r]*/gi, '')
      .replace(/\r\nCache-Status: [^\r]*/g, status =>
        isLoose ? '' : (/fwd=(?:request|bypass|method)/.exec(status)?.[0] ?? ''),
      )
    // What comes from the origin has its fields in another order than what is stored.
    return timeless.split('\r\n').sort().join('\r\n')
  })
}

export interface Pair {
  clients: [RawClient, RawClient]
  isClosed(): [boolean, boolean]
  end(): void
}

export async function pairOf({ edges }: Twins): Promise<Pair> {
  const clients = (await Promise.all(edges.map(({ port }) => connectRaw(port)))) as [RawClient, RawClient]
  for (const { socket } of clients) socket.setNoDelay(true)
  const closed: [boolean, boolean] = [false, false]
  for (const [index, { socket }] of clients.entries()) socket.once('close', () => (closed[index] = true))
  return {
    clients,
    isClosed: () => [...closed],
    end: () => {
      for (const { socket } of clients) socket.destroy()
    },
  }
}

export interface Patience {
  /** Who says nothing for so long has nothing to say. */
  firstMs: number
  /** So long nothing comes from who has said all. */
  quietMs: number
  /** So long both may take to say the same. */
  limitMs: number
}

/** What is different, when both had time enough; undefined: nothing. `isAnswered`: something has to come. */
export async function told(
  pair: Pair,
  pieces: readonly string[],
  isAnswered: boolean,
  { firstMs, quietMs, limitMs }: Patience,
) {
  const from = pair.clients.map(client => client.received().length)
  for (const [index, piece] of pieces.entries()) {
    if (index > 0) await pause(5)
    for (const { socket } of pair.clients) if (!socket.destroyed) socket.write(Buffer.from(piece, 'latin1'))
  }
  const texts = () =>
    pair.clients.map((client, index) => client.received().slice(from[index])) as [string, string]
  const isSame = ([first, second]: [string, string]) => {
    const [isFirstClosed, isSecondClosed] = pair.isClosed()
    return isFirstClosed === isSecondClosed && comparable(first) === comparable(second)
  }
  const endMs = performance.now() + limitMs
  while (performance.now() < endMs) {
    const seen = texts()
    const isOver = pair.isClosed()[0] || isWhole(seen[0], isAnswered)
    if (isOver && isSame(seen)) return undefined
    const hasNews = await newsOf(pair, seen[0] === '' ? firstMs : quietMs)
    if (!hasNews && isSame(texts())) return undefined
  }
  return { texts: texts(), closed: pair.isClosed() }
}

/** Whether anything comes within `waitMs`. */
async function newsOf({ clients }: Pair, waitMs: number): Promise<boolean> {
  return new Promise(resolve => {
    const settle = (hasNews: boolean) => {
      clearTimeout(timer)
      for (const { socket } of clients) socket.off('data', heard).off('close', heard)
      resolve(hasNews)
    }
    const heard = () => settle(true)
    // What is there by then is read first.
    const timer = setTimeout(() => setImmediate(() => settle(false)), waitMs)
    for (const { socket } of clients) socket.on('data', heard).on('close', heard)
  })
}

/** Of a plain request: its one answer is all there. */
function isWhole(text: string, isAnswered: boolean): boolean {
  const end = text.indexOf('\r\n\r\n')
  if (!isAnswered || end < 0) return false
  const hasNone = text.startsWith('HTTP/1.1 204 ')
  const length = Number(
    /\r\nContent-Length: (\d+)/i.exec(text.slice(0, end))?.[1] ?? (hasNone ? 0 : Number.NaN),
  )
  return text.length === end + 4 + length
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
