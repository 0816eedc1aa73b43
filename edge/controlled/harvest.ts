// Brings to control what sites have used: always the whole of what a file counts of a site and an hour, so that it may be said
// twice, and a file until control has taken the last of it.
import { isFinal, readUsage, removeUsage, type UsageRow, usageFilesIn } from '../usage/usage-file.js'

export interface HarvestOptions {
  directory: string
  edge: string
  /** Rejects with an EdgeError. */
  send(body: unknown): Promise<unknown>
}

const rowsAtOnce = 500

export class Harvest {
  readonly #options: HarvestOptions
  /** By file, and by site and hour: what control has taken. */
  readonly #taken = new Map<string, Map<string, UsageRow>>()
  #running: Promise<void> | undefined

  constructor(options: HarvestOptions) {
    this.#options = options
  }

  /** Once through all files. Rejects with what `send` rejects with; what was not taken goes with the next. */
  run(): Promise<void> {
    this.#running ??= this.#runAll().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #runAll(): Promise<void> {
    for (const file of usageFilesIn(this.#options.directory)) await this.#take(file)
  }

  async #take(file: string): Promise<void> {
    const { directory } = this.#options
    // Looked at first: what is read then is all of it.
    const final = isFinal(directory, file)
    const rows = readUsage(directory, file)
    if (rows === undefined) return removeUsage(directory, file)
    const taken = this.#taken.get(file) ?? new Map<string, UsageRow>()
    this.#taken.set(file, taken)
    const changed = summed(rows).filter(row => !isSame(row, taken.get(keyOf(row))))
    for (let at = 0; at < changed.length; at += rowsAtOnce)
      await this.#send(file, changed.slice(at, at + rowsAtOnce), taken)
    if (!final) return
    await this.#options.send({ edge: this.#options.edge, file, rows: [], final: true })
    removeUsage(directory, file)
    this.#taken.delete(file)
  }

  async #send(file: string, rows: readonly UsageRow[], taken: Map<string, UsageRow>): Promise<void> {
    await this.#options.send({ edge: this.#options.edge, file, rows, final: false })
    for (const row of rows) taken.set(keyOf(row), row)
  }
}

function keyOf({ site, hour }: UsageRow): string {
  return `${hour} ${site}`
}

/** A file may have several rows of a site and an hour. */
export function summed(rows: readonly UsageRow[]): UsageRow[] {
  const sums = new Map<string, UsageRow>()
  for (const row of rows) {
    const sum = sums.get(keyOf(row))
    const totals = sum === undefined ? row.totals : row.totals.map((count, at) => count + sum.totals[at]!)
    sums.set(keyOf(row), { ...row, totals })
  }
  return [...sums.values()]
}

function isSame(row: UsageRow, known: UsageRow | undefined): boolean {
  return known !== undefined && row.totals.every((count, at) => count === known.totals[at])
}
