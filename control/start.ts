// Starts control: opens its state, makes the first token when there is none, listens.
import { chmodSync, lstatSync, mkdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { ControlConfig } from '../config/control.js'
import { watchQuotas } from './quota-keeper.js'
import { makeServer } from './server.js'
import { Service } from './service.js'
import { type Claim, claimState } from './state/claim.js'
import { Database } from './state/database.js'
import { createToken } from './state/tokens.js'

export interface Control {
  readonly url: string
  /** Where the first token was written; undefined when there were tokens already. */
  readonly tokenFile: string | undefined
  close(): Promise<void>
}

/** How soon after its beginning a month is noticed. */
const quotasEveryMs = 10_000

/** What is being answered when it ends may take so long. */
const closeGraceMs = 2_000

/** Rejects when its state cannot be opened, or nobody can listen there; nothing is left open then. */
export async function startControl(
  config: ControlConfig,
  version: string,
  nowMs: () => number = Date.now,
): Promise<Control> {
  mkdirSync(config.state.directory, { recursive: true, mode: 0o700 })
  const claim = await claimState(config.state.directory)
  const database = openState(config.state.directory, claim)
  const undo: (() => unknown)[] = []
  try {
    const service = new Service(database, config.limits, nowMs)
    const forget = watchQuotas(service, quotasEveryMs, error => console.error(error))
    undo.push(forget)
    const app = await makeServer(service, version, tlsOf(config))
    undo.push(() => app.close())
    const { address: host, port, socket } = config.listen
    const url = await app.listen({ host, port })
    const local = socket === undefined ? undefined : await listenLocally(app, socket)
    undo.push(() => local?.close())
    // Who waits for the file may go on at once: control listens by then.
    const tokenFile = await firstToken(service, config.state.directory)
    return {
      url,
      tokenFile,
      close: async () => {
        forget()
        // A connection that has not asked anything yet is not idle to Node, and would be waited for.
        const timer = setTimeout(() => app.server.closeAllConnections(), closeGraceMs)
        await Promise.all([app.close(), local?.close()])
        clearTimeout(timer)
        await database.close()
        claim.release()
      },
    }
  } catch (error) {
    for (const each of undo) await each()
    await database.close()
    claim.release()
    throw error
  }
}

function openState(directory: string, claim: Claim): Database {
  try {
    return new Database(directory)
  } catch (error) {
    claim.release()
    throw error
  }
}

/** For whoever reads the disk of this machine: it is shown nowhere else. */
async function firstToken(service: Service, directory: string): Promise<string | undefined> {
  if (service.tables.tokens.getCount() > 0) return undefined
  const file = join(directory, 'admin-token')
  const actor = { id: 'control', address: '' }
  const deed = { actor, action: 'tokens:create', target: 'tokens/first' }
  await service.change(deed, tables => {
    const draft = { name: 'first', scopes: ['admin' as const], sites: null, expiresAt: null }
    const { token } = createToken(tables, draft, service.nowMs())
    // Within the transaction: a token that nobody was told of would lock everybody out.
    rmSync(file, { force: true })
    writeFileSync(file, `${token}\n`, { mode: 0o600, flag: 'wx' })
  })
  return file
}

/** Throws what is wrong with the files. */
function tlsOf({ listen: { certFile, keyFile } }: ControlConfig) {
  if (certFile === undefined || keyFile === undefined) return undefined
  return { cert: readFileSync(certFile), key: readFileSync(keyFile), minVersion: 'TLSv1.2' as const }
}

/** The same over a unix socket that the owner and the group may use. */
async function listenLocally(app: FastifyInstance, path: string): Promise<{ close(): Promise<void> }> {
  await app.ready()
  await clearSocket(path)
  const server = createServer((request, response) => app.routing(request, response))
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve))
  chmodSync(path, 0o660)
  return {
    close: () =>
      new Promise(resolve => {
        const timer = setTimeout(() => server.closeAllConnections(), closeGraceMs)
        server.close(() => {
          clearTimeout(timer)
          resolve()
        })
        server.closeIdleConnections()
      }),
  }
}

/** Of one that was killed; rejects when somebody answers there. */
async function clearSocket(path: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o750 })
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) return
  if (!found.isSocket()) throw new Error(`listen.socket: ${path} exists and is not a socket`)
  const isTaken = await new Promise<boolean>(resolve => {
    const probe = connect(path)
    probe.once('connect', () => resolve(true)).once('error', () => resolve(false))
    probe.once('connect', () => probe.destroy())
  })
  if (isTaken) throw new Error(`listen.socket: another naij-control answers on ${path}`)
  unlinkSync(path)
}
