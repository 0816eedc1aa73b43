// The engine with nothing behind it but what gives answers again: what it hands over is noted, and taught as a play likes.
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { connect, type Socket } from 'node:net'
import { dirname } from 'node:path'
import type { Test } from 'tap'
import { type Lesson, openReplay, type ReplayMemory } from '../../replay.js'

const require = createRequire(import.meta.url)
export const engineDirectory = dirname(require.resolve('uWebSockets.js'))
// Read by the engine when it is loaded.
process.env.UWS_HTTP_MAX_HEADERS_SIZE = '16384'

interface Request {
  getCaseSensitiveMethod(): string
  getUrl(): string
  getQuery(): string | undefined
  getHeader(name: string): string
  forEach(each: (name: string, value: string) => void): void
}

interface Response {
  end(body: string): void
}

interface App {
  any(pattern: string, handler: (response: Response, request: Request) => void): App
  filter(heard: (response: object, change: unknown) => void): App
  listen(address: string, port: number, opened: (socket: object | false) => void): App
  close(): App
}

/** What the engine handed over. */
export interface Heard {
  method: string
  target: string
  host: string
  codings: string | undefined
  /** 0: it can be neither taught nor released. */
  token: number
  /** What `teach` returned. */
  id: number
}

export interface ReplayApp {
  memory: ReplayMemory
  port: number
  heard: Heard[]
  /** Of what comes next; undefined teaches nothing. */
  lesson: Partial<Lesson> | undefined
  /** Given since the last time. */
  given(): number
}

export const limits = {
  answersMax: 64,
  unsentBytesMax: 64 * 1024 * 1024,
  idleSeconds: 10,
  headBytesMax: 4096,
}
const words = (text: string) => Buffer.from(text, 'latin1')

export function lessonOf(lesson: Partial<Lesson> = {}): Lesson {
  const nowMs = Date.now()
  return {
    ...{ fromMs: nowMs - 1_000, untilMs: nowMs + 60_000, bornAtMs: nowMs, freshUntilMs: nowMs + 60_000 },
    ...{ beforeAge: words('HTTP/1.1 200 OK\r\nAge: '), afterAge: words('\r\nTtl: '), body: words('taught') },
    ...{ tally: undefined, formTally: undefined, watched: [] },
    ...{ line: words(''), placed: undefined, absent: 0, isNotModified: false },
    ...lesson,
  }
}

export async function replayApp(t: Test, answersMax = limits.answersMax): Promise<ReplayApp> {
  const engine = require('uWebSockets.js') as {
    App(): App
    us_socket_local_port(socket: object): number
  }
  const app = engine.App()
  const memory = openReplay(engineDirectory, { ...limits, answersMax })!
  const heard: Heard[] = []
  const stage: ReplayApp = {
    ...{ memory, heard, port: 0, lesson: {} },
    given: () => memory.takeCounts().hits,
  }
  app.filter((response, change) =>
    Number(change) < 0 ? memory.closed(response) : memory.opened(response, '', false),
  )
  app.any('/*', (response, request) => {
    const { token } = memory
    const id = stage.lesson === undefined ? -1 : memory.teach(token, lessonOf(stage.lesson))
    heard.push({ ...readingOf(request), token, id })
    response.end('own')
    memory.release(token)
  })
  const listening = await new Promise<object | false>(resolve => app.listen('127.0.0.1', 0, resolve))
  if (!listening) throw new Error('the engine cannot listen')
  stage.port = engine.us_socket_local_port(listening)
  memory.turn(true)
  t.teardown(() => {
    memory.end()
    app.close()
    // Of the one after it: who ends has heard of all that left.
    const told = new Uint32Array(64)
    while (memory.tell(told) > 0) told.fill(0)
  })
  return stage
}

function readingOf(request: Request): Omit<Heard, 'token' | 'id'> {
  const method = request.getCaseSensitiveMethod()
  const query = request.getQuery()
  let codings: string | undefined
  request.forEach((name, value) => {
    if (name === 'accept-encoding') codings ??= value
  })
  const target = query === undefined ? request.getUrl() : `${request.getUrl()}?${query}`
  return { method, target, host: request.getHeader('host'), codings }
}

export interface Client {
  socket: Socket
  /** What comes until it is quiet for a moment, or the end. */
  tell(bytes: string, isDone?: (text: string) => boolean): Promise<string>
}

export async function clientOf(t: Test, port: number): Promise<Client> {
  const socket = connect(port, '127.0.0.1').setNoDelay(true)
  await once(socket, 'connect')
  t.teardown(() => socket.destroy())
  let text = ''
  let isClosed = false
  socket.on('error', () => {})
  socket.on('close', () => {
    isClosed = true
  })
  socket.on('data', data => {
    text += data.toString('latin1')
  })
  const tell: Client['tell'] = async (bytes, isDone = answered) => {
    text = ''
    if (bytes !== '') socket.write(words(bytes))
    const endMs = performance.now() + 300
    while (!isClosed && !isDone(text) && performance.now() < endMs)
      await new Promise(resolve => setTimeout(resolve, 1))
    return text
  }
  return { socket, tell }
}

const answered = (text: string) => /\r\n\r\n(?:own|taught|other)$/.test(text)
