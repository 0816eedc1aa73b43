// What the running edge says of itself, over its admin socket. Judging it is running.ts's.
import { request } from 'node:http'
import { type Static, Type } from 'typebox'
import { Check } from 'typebox/value'

const nullable = <Form extends Parameters<typeof Type.Union>[0][number]>(form: Form) =>
  Type.Union([form, Type.Null()])

/** Of /status what is looked at; there is more, and other versions have other things besides. */
const statusForm = Type.Object({
  version: Type.String(),
  pid: Type.Integer(),
  configRevision: Type.Integer(),
  /** Absent in edges before they said it. */
  configDigest: Type.Optional(Type.String()),
  configReloads: Type.Integer(),
  configReloadFailures: Type.Integer(),
  uptimeMs: Type.Number(),
  workerDeaths: Type.Integer(),
  listeners: Type.Array(Type.Object({ port: Type.Integer() })),
  cache: Type.Object({ bytesMax: Type.Number() }),
  workers: Type.Array(
    Type.Object({
      slot: Type.Integer(),
      pid: nullable(Type.Integer()),
      state: Type.String(),
      generation: Type.Integer(),
      restarts: Type.Integer(),
      startedAt: nullable(Type.String()),
    }),
  ),
  generation: Type.Integer(),
  keeper: Type.Object({
    state: Type.String(),
    why: nullable(Type.String()),
    deaths: Type.Integer(),
    reportAgeMs: nullable(Type.Number()),
    purges: nullable(Type.Object({ rules: Type.Integer() })),
  }),
  origins: Type.Array(
    Type.Object({
      site: Type.String(),
      url: Type.String(),
      weight: Type.Integer(),
      backup: Type.Boolean(),
      state: Type.String(),
      reason: nullable(Type.String()),
    }),
  ),
  control: nullable(
    Type.Object({
      url: Type.String(),
      state: Type.String(),
      sinceMs: Type.Number(),
      heardAgoMs: nullable(Type.Number()),
      why: nullable(Type.String()),
      revision: nullable(Type.Integer()),
      refused: nullable(Type.Object({ revision: Type.Integer(), reasons: Type.Array(Type.String()) })),
      purgeUnknown: Type.Boolean(),
    }),
  ),
})

export type Status = Static<typeof statusForm>

export interface RunningRead {
  readonly status: Status
  /** What keeps it from being ready. */
  readonly missing: readonly string[]
}

const answerMs = 5_000
const bodyBytesMax = 64 * 2 ** 20

/** Why it does not answer, as an Error; never rejects. */
export async function askEdge(socketPath: string): Promise<RunningRead | Error> {
  try {
    const [readiness, status] = [await ask(socketPath, '/readyz'), await ask(socketPath, '/status')]
    if (!Check(statusForm, status)) return new Error('its /status is not what this version of naijctl knows')
    return { status: status as Status, missing: missingOf(readiness) }
  } catch (error) {
    return error as Error
  }
}

function missingOf(readiness: unknown): string[] {
  const form = Type.Object({ ready: Type.Boolean(), missing: Type.Optional(Type.Array(Type.String())) })
  if (!Check(form, readiness)) return ['/readyz is not what this version of naijctl knows']
  const { ready, missing } = readiness as Static<typeof form>
  return ready ? [] : (missing ?? ['it does not say why'])
}

function ask(socketPath: string, path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path, signal: AbortSignal.timeout(answerMs) }, response => {
      const pieces: Buffer[] = []
      let bytes = 0
      response.on('data', (piece: Buffer) => {
        bytes += piece.length
        if (bytes > bodyBytesMax) asked.destroy(new Error(`${path} is longer than ${bodyBytesMax} bytes`))
        pieces.push(piece)
      })
      response.on('error', reject).on('end', () => {
        try {
          resolve(JSON.parse(Buffer.concat(pieces).toString()))
        } catch (error) {
          reject(error)
        }
      })
    })
    asked.on('error', reject).end()
  })
}
