// Starts control: opens its state, makes the first token when there is none, listens.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ControlConfig } from '../config/control.js'
import { makeServer } from './server.js'
import { Service } from './service.js'
import { Database } from './state/database.js'
import { createToken } from './state/tokens.js'

export interface Control {
  readonly url: string
  /** Where the first token was written; undefined when there were tokens already. */
  readonly tokenFile: string | undefined
  close(): Promise<void>
}

/** Rejects when its state cannot be opened, or nobody can listen there; nothing is left open then. */
export async function startControl(
  config: ControlConfig,
  version: string,
  nowMs: () => number = Date.now,
): Promise<Control> {
  const database = new Database(config.state.directory)
  try {
    const service = new Service(database, config.limits, nowMs)
    const tokenFile = await firstToken(service, config.state.directory)
    const app = await makeServer(service, version)
    const { address: host, port } = config.listen
    const url = await app.listen({ host, port })
    return {
      url,
      tokenFile,
      close: async () => {
        await app.close()
        await database.close()
      },
    }
  } catch (error) {
    await database.close()
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
