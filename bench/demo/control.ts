// Control of the demo: started on state below var/, given the demo's site, and a token for the edge.
import { existsSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem } from '../problem.js'
import type { Processes, Running } from '../processes.js'
import { startReady } from '../ready.js'

const CONTROL_READY = /^naij-control ready (https?:\/\/\S+)/
const CONTROL_READY_TIMEOUT_MS = 60_000

export interface DemoControl {
  running: Running
  /** Without a path. */
  url: string
}

export interface ControlOptions {
  root: string
  processes: Processes
  print: (text: string) => void
  port: number
  /** What edges are to serve. */
  site: object
  programs: string
}

/** Throws a Problem when it does not start, or does not do what it is asked. */
export async function startControl({
  root,
  processes,
  print,
  port,
  site,
  programs,
}: ControlOptions): Promise<DemoControl> {
  const main = join(root, programs, 'control/main.js')
  if (!existsSync(main)) throw new Problem(`${main} is not there: run \`npm run build\``)
  await writeFile(join(root, 'var/demo-control.json'), controlConfiguration(port))
  await writeFile(join(root, 'var/demo-site.json'), `${JSON.stringify(site, null, 2)}\n`)
  const { running, match } = await startReady(
    processes,
    'control',
    [process.execPath, main, '--config', 'var/demo-control.json'],
    {
      directory: root,
      ready: CONTROL_READY,
      timeoutMs: CONTROL_READY_TIMEOUT_MS,
      onLine: line => print(line),
    },
  )
  const control = { running, url: match[1]! }
  await prepare(control.url, root, site)
  return control
}

/** var/demo-control.json: paths are relative to the package directory, in which control is started. */
export function controlConfiguration(port: number): string {
  const configuration = {
    listen: { address: '127.0.0.1', port, socket: './var/run/control.sock' },
    state: { directory: './var/control' },
  }
  return `${JSON.stringify(configuration, null, 2)}\n`
}

export const EDGE_TOKEN = 'var/edge-token'

/** The site as it is now, and a token for the edge, unless control of an earlier start has both. */
async function prepare(url: string, root: string, site: object): Promise<void> {
  const ask = askAs(url, readToken(root))
  const name = 'demo'
  const found = await ask('GET', `/sites/${name}`)
  if (found.status === 404) await ask('POST', '/sites', { name, config: site })
  const { activeVersion } = (await ask('GET', `/sites/${name}`)).body
  const active =
    activeVersion === null ? undefined : await ask('GET', `/sites/${name}/versions/${activeVersion}`)
  if (JSON.stringify(active?.body.config) !== JSON.stringify(site)) await activate(ask, name, site)
  const file = join(root, EDGE_TOKEN)
  const known = existsSync(file) ? readFileSync(file, 'utf8').trim() : ''
  if (known !== '' && (await askAs(url, known)('GET', '/edge/snapshot')).status === 200) return
  const made = await ask('POST', '/tokens', { name: 'edge of the demo', scopes: ['edges:sync'] })
  await writeFile(file, `${made.body.token}\n`, { mode: 0o600 })
}

function readToken(root: string): string {
  try {
    return readFileSync(join(root, 'var/control/admin-token'), 'utf8').trim()
  } catch (error) {
    throw new Problem(
      `var/control/admin-token cannot be read (${(error as Error).message}): remove var/control`,
    )
  }
}

// biome-ignore lint/suspicious/noExplicitAny: whatever control answers
type Answer = { status: number; etag: string; body: any }
type Ask = (method: string, path: string, body?: unknown, etag?: string) => Promise<Answer>

function askAs(url: string, token: string): Ask {
  return async (method, path, sent, etag) => {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(sent !== undefined && { 'content-type': 'application/json' }),
      ...(etag !== undefined && { 'if-match': etag }),
    }
    const response = await fetch(`${url}/v1${path}`, {
      method,
      headers,
      ...(sent !== undefined && { body: JSON.stringify(sent) }),
    })
    const body: Answer['body'] = await response.json()
    const answer = { status: response.status, etag: response.headers.get('etag') ?? '', body }
    const isExpected = response.ok || response.status === 404 || method === 'GET'
    if (!isExpected) throw new Problem(`control refuses ${method} ${path}: ${answer.body.detail}`)
    return answer
  }
}

async function activate(ask: Ask, name: string, config: object): Promise<void> {
  let { number } =
    (await ask('GET', `/sites/${name}/versions`)).body.items.find(
      ({ state }: { state: string }) => state === 'draft',
    ) ?? {}
  number ??= (await ask('POST', `/sites/${name}/versions`, {})).body.number
  const draft = await ask('GET', `/sites/${name}/versions/${number}`)
  await ask('PUT', `/sites/${name}/versions/${number}`, { config }, draft.etag)
  const { etag } = await ask('GET', `/sites/${name}`)
  await ask('POST', `/sites/${name}/versions/${number}:activate`, { comment: 'npm start' }, etag)
}
