// /v1/backup, /v1/export, /v1/import: everything that control knows, as a file to restore, and its sites as JSON.
import { randomUUID } from 'node:crypto'
import { createReadStream, rmSync, statSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import { type Static, Type } from 'typebox'
import { conflict } from '../problem.js'
import type { Service } from '../service.js'
import { exportSites, importSites, type PortableSites } from '../state/portable.js'

const closed = { additionalProperties: false } as const
const integer = Type.Integer({ minimum: 0 })
const orNull = Type.Union([Type.String(), Type.Null()])
const portable = Type.Object(
  {
    format: Type.Literal(1),
    exportedAt: Type.String(),
    revision: integer,
    sites: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          activeVersion: Type.Union([integer, Type.Null()]),
          createdAt: Type.String(),
          versions: Type.Array(
            Type.Object(
              {
                number: Type.Integer({ minimum: 1 }),
                config: Type.Object({}, { additionalProperties: true }),
                comment: Type.String(),
                createdAt: Type.String(),
                createdBy: Type.String(),
                activatedAt: orNull,
              },
              closed,
            ),
            { minItems: 1 },
          ),
        },
        closed,
      ),
    ),
  },
  closed,
)
export type Portable = Static<typeof portable>

const imported = Type.Object({ sites: integer, revision: integer }, closed)

export function stateRoutes(app: FastifyInstance, service: Service): void {
  const admin = (action: string) => ({ config: { scope: 'admin', action } }) as const
  let isBackingUp = false
  app.get('/backup', admin('state:backup'), async ({ actor }, reply) => {
    if (isBackingUp) throw conflict('backup-running', 'A backup is being made.')
    isBackingUp = true
    try {
      const file = await service.database.backup(randomUUID())
      const stream = createReadStream(file)
      // Open is enough to read it.
      stream.once('open', () => rmSync(file, { force: true }))
      await service.change({ actor, action: 'state:backup', target: 'state' }, () => undefined)
      reply.header('content-length', statSync(file).size).header('etag', `"${randomUUID()}"`)
      return reply.type('application/octet-stream').send(stream)
    } finally {
      isBackingUp = false
    }
  })
  app.get('/export', { ...admin('state:export'), schema: { response: { 200: portable } } }, async () =>
    exportSites(service.tables, service.nowMs()),
  )
  app.post<{ Body: Portable }>(
    '/import',
    {
      ...admin('state:import'),
      bodyLimit: service.limits.importBytesMax,
      schema: { body: portable, response: { 200: imported } },
    },
    async ({ body, actor }) => {
      const deed = { actor, action: 'state:import', target: 'sites', detail: { sites: body.sites.length } }
      return service.change(deed, tables =>
        importSites(tables, body as PortableSites, service.limits, service.nowMs()),
      )
    },
  )
}
