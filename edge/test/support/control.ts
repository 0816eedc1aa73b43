// Control as a process beside the edges of a play, on state that outlives it; and edges that it leads.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { runDirectoryOf } from '../shared/support/ground.js'
import { type Edge, realMain, runProgram, startEdge } from './supervise-play.js'
import { until } from './supervise-until.js'

const main = fileURLToPath(new URL('../../../control/main.js', import.meta.url))

// biome-ignore lint/suspicious/noExplicitAny: whatever the API answers
type Body = any

export interface ControlReply {
  status: number
  etag: string
  body: Body
}

export interface TestControl {
  readonly directory: string
  /** What edges have as `control`. */
  readonly link: { url: string; tokenFile: string; reconnectDelayMaxMs: string }
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<ControlReply>
  /** A site, or the next version of it, activated. */
  activate(name: string, config: Record<string, unknown>): Promise<ControlReply>
  /** What a stream says, as it comes. */
  watch(t: Test, path: string): Promise<{ lines: Body[] }>
  /** By name. */
  edge(name: string): Promise<Body>
  kill(): Promise<void>
  start(): Promise<void>
}

export async function controlOf(
  t: Test,
  limits: Record<string, unknown> = {},
  directory = runDirectoryOf(t),
): Promise<TestControl> {
  const socket = `${directory}/control.sock`
  const file = `${directory}/control.json`
  const state = { directory: `${directory}/control` }
  writeFileSync(file, JSON.stringify({ listen: { port: 0, socket }, state, limits }))
  let running: ReturnType<typeof runProgram>
  let url = ''
  const start = async () => {
    running = runProgram(t, ['--config', file], main)
    url = await until(() => /ready (http:\S+)/.exec(running.stdout.join('\n'))?.[1])
  }
  await start()
  const token = readFileSync(`${state.directory}/admin-token`, 'utf8').trim()
  const ask: TestControl['ask'] = async (method, path, body, headers = {}) => {
    const response = await fetch(`${url}/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return {
      status: response.status,
      etag: response.headers.get('etag') ?? '',
      body: text === '' ? undefined : JSON.parse(text),
    }
  }
  const made = await ask('POST', '/tokens', { name: 'edges', scopes: ['edges:sync'] })
  const tokenFile = `${directory}/token`
  writeFileSync(tokenFile, made.body.token)
  return {
    directory,
    link: { url: `unix:${socket}`, tokenFile, reconnectDelayMaxMs: '200ms' },
    ask,
    watch: (within, path) => watch(within, `${url}/v1${path}`, token),
    activate: (name, config) => activate(ask, name, config),
    edge: async name => (await ask('GET', '/edges')).body.items.find((edge: Body) => edge.name === name),
    kill: async () => {
      running.child.kill('SIGKILL')
      await running.ended
    },
    start,
  }
}

async function activate(ask: TestControl['ask'], name: string, config: Record<string, unknown>) {
  let number = 1
  if ((await ask('GET', `/sites/${name}`)).status === 404) await ask('POST', '/sites', { name, config })
  else {
    const draft = await ask('POST', `/sites/${name}/versions`, {})
    number = draft.body.number
    await ask('PUT', `/sites/${name}/versions/${number}`, { config }, { 'if-match': draft.etag })
  }
  const { etag } = await ask('GET', `/sites/${name}`)
  return ask('POST', `/sites/${name}/versions/${number}:activate`, { comment: 'play' }, { 'if-match': etag })
}

/** An edge without sites of its own; `home`: what outlives it. */
export function ledEdge(
  t: Test,
  control: TestControl,
  { name, home, more = {} }: { name: string; home: string; more?: Record<string, unknown> },
): Edge {
  return startEdge(
    t,
    {
      sites: undefined,
      control: { ...control.link, name },
      run: { directory: `${home}/run` },
      drainQuietMs: '0ms',
      ...more,
    },
    realMain,
    home,
  )
}

async function watch(t: Test, url: string, token: string) {
  const abort = new AbortController()
  t.teardown(() => abort.abort())
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` }, signal: abort.signal })
  const lines: Body[] = []
  const read = async () => {
    let text = ''
    for await (const piece of response.body!) {
      text += Buffer.from(piece).toString()
      const messages = text.split('\n\n')
      text = messages.pop()!
      for (const message of messages) {
        const data = /^data: (.*)$/m.exec(message)?.[1]
        if (data !== undefined) lines.push(JSON.parse(data))
      }
    }
  }
  // The end of the test is its end.
  void read().catch(() => undefined)
  return { lines }
}
