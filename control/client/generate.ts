// Prints the types of the API, from the description that control itself gives of it:
// `node dist/control/client/generate.js > control/client/paths.d.ts`. A test holds the file to it.
import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import openapiTypes, { astToString } from 'openapi-typescript'
import { parseControl } from '../../config/control.js'
import { makeServer } from '../server.js'
import { Service } from '../service.js'
import type { Database } from '../state/database.js'

const introduction = '// Generated from the OpenAPI of control by control/client/generate.ts; do not edit.\n'

export async function apiTypes(): Promise<string> {
  const document = await describe()
  return `${introduction}${astToString(await openapiTypes(document as never))}`
}

/** Routes are only described here: nothing of the state is read. */
async function describe(): Promise<object> {
  const parsed = parseControl('{}')
  if (!parsed.ok) throw new Error('the defaults of control are wrong')
  const nothing = { tables: { meta: { get: () => undefined } } } as unknown as Database
  const app = await makeServer(new Service(nothing, parsed.config.limits, Date.now), '0')
  await app.ready()
  const document = app.swagger()
  await app.close()
  return document
}

const program = process.argv[1]
if (program?.match(/generate\.[jt]s$/) && realpathSync(program) === fileURLToPath(import.meta.url)) {
  process.stdout.write(await apiTypes())
}
