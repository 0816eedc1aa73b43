// What an edge keeps of what control told it, in `state.directory`: who it is, the last sites that it served, how far it has
// heard. Each file is replaced whole, on the disk before anybody relies on it; one that cannot be read is as if absent.
import { randomUUID } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { type TSchema, Type } from 'typebox'
import { Check } from 'typebox/value'

export interface LastGood {
  /** Which control: its positions and revisions mean nothing to another. */
  readonly epoch: number
  /** Of the sites. */
  readonly revision: number
  /** Of the feed, up to which these are what control wants. */
  readonly position: number
  /** As control sent them. */
  readonly sites: readonly Record<string, unknown>[]
  /** Control wants others, which were refused: what follows says nothing of these. */
  readonly isBehind: boolean
}

export interface Heard {
  readonly epoch: number
  /** Everything up to there was obeyed or refused. */
  readonly position: number
}

const integer = Type.Integer({ minimum: 0 })
const lastGoodForm = Type.Object({
  epoch: integer,
  revision: integer,
  position: integer,
  sites: Type.Array(Type.Object({ name: Type.String() })),
  isBehind: Type.Boolean(),
})
const heardForm = Type.Object({ epoch: integer, position: integer })
const idForm = Type.Object({ id: Type.String({ pattern: '^[0-9a-f-]{36}$' }) })

const sitesFile = 'sites.json'
const heardFile = 'heard.json'
const idFile = 'edge.json'

/** Undefined: there are none. Never throws. */
export function readLastGood(directory: string): LastGood | undefined {
  return readForm<LastGood>(join(directory, sitesFile), lastGoodForm)
}

export class EdgeState {
  /** Made at the first start; the same ever after. */
  readonly id: string
  readonly directory: string
  #lastGood: LastGood | undefined
  #heard: Heard | undefined

  /** Throws what the disk throws. */
  constructor(directory: string) {
    this.directory = directory
    mkdirSync(directory, { recursive: true, mode: 0o750 })
    this.#lastGood = readLastGood(directory)
    this.#heard = readForm<Heard>(join(directory, heardFile), heardForm)
    const known = readForm<{ id: string }>(join(directory, idFile), idForm)
    this.id = known?.id ?? randomUUID()
    if (known === undefined) replace(join(directory, idFile), { id: this.id })
  }

  get lastGood(): LastGood | undefined {
    return this.#lastGood
  }

  /** Undefined: nothing is known of it. */
  get heard(): Heard | undefined {
    return this.#heard
  }

  /** Until something is kept anew; who dies before that finds it as it was. */
  forgetHeard(): void {
    this.#heard = undefined
  }

  keepSites(lastGood: LastGood): void {
    replace(join(this.directory, sitesFile), lastGood)
    this.#lastGood = lastGood
  }

  keepHeard(heard: Heard): void {
    replace(join(this.directory, heardFile), heard)
    this.#heard = heard
  }
}

function readForm<Value>(file: string, form: TSchema): Value | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return Check(form, value) ? (value as Value) : undefined
  } catch {
    // Absent, half written by something else, or damaged: control is asked for all of it.
    return undefined
  }
}

/** The old content or the new one, whatever happens meanwhile. */
function replace(file: string, value: unknown): void {
  const temporary = `${file}.new`
  const descriptor = openSync(temporary, 'w', 0o640)
  try {
    writeSync(descriptor, JSON.stringify(value))
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(temporary, file)
  syncDirectory(join(file, '..'))
}

function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
