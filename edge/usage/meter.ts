// Counts what each site uses, for control: on the path, once per exchange, before its last bytes can have gone out where the
// engine writes at the end of the turn.

import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { type UsageField, usageFields } from '../../config/usage-fields.js'
import type { Exchange, Result } from '../exchange.js'
import type { Logger } from './logger.js'
import { hourOf, UsageFile, usageBytesIn } from './usage-file.js'

/** Of a site: where its numbers of this hour are. */
export interface MeterPlace {
  cells: Float64Array
  hour: number
  at: number
}

/** Before it is counted for the first time. */
export function noPlace(): MeterPlace {
  return { cells: new Float64Array(0), hour: -1, at: 0 }
}

/** Of the edge with this `state.directory`. */
export function usageDirectory(stateDirectory: string): string {
  return join(stateDirectory, 'usage')
}

export interface MeterOptions {
  directory: string
  /** All files of usage together: above it nothing is counted. */
  bytesMax: number
  log: Logger
}

const at = Object.fromEntries(usageFields.map((name, index) => [name, index])) as Record<UsageField, number>
/** What came without asking an origin for it. */
const isSaved: Record<Result, boolean> = {
  ...{ hit: true, stale: true, collapsed: true, revalidated: true },
  ...{ miss: false, expired: false, pass: false, refused: false, error: false },
}

export class Meter {
  readonly #options: MeterOptions
  #file: UsageFile | undefined
  /** By hour and site: also of sites that were replaced by others of their name. */
  readonly #rows = new Map<string, MeterPlace>()
  #lastHour = 0
  #retryMs = 0
  /** What could not be counted. */
  lost = 0

  constructor(options: MeterOptions) {
    this.#options = options
    this.#further()
  }

  /** The status, the result and the bytes of what is over. */
  count(x: Exchange, completed: boolean): void {
    const { site } = x
    if (site === undefined) return
    const hour = hourOf(x.nowMs)
    const { place } = site
    if (place.hour !== hour && !this.#find(site.name, hour, place)) {
      this.lost += 1
      return
    }
    const { cells } = place
    const row = place.at
    const bytes = x.responder.headBytesOut + x.responder.bodyBytesOut
    cells[row] += 1
    cells[row + at.bytesOut] += bytes
    cells[row + at.status1xx - 1 + Math.min((x.status / 100) | 0, 5)] += 1
    cells[row + at[x.result]] += 1
    if (isSaved[x.result]) cells[row + at.bytesSaved] += bytes
    if (!completed) cells[row + at.aborted] += 1
    if (x.upload !== undefined) cells[row + at.bytesIn] += x.upload.bytesIn
  }

  /** Of a WebSocket, as they come. */
  add({ site, nowMs }: Pick<Exchange, 'site' | 'nowMs'>, bytesIn: number, bytesOut: number): void {
    if (site === undefined) return
    const hour = hourOf(nowMs)
    if (site.place.hour !== hour && !this.#find(site.name, hour, site.place)) return
    site.place.cells[site.place.at + at.bytesIn] += bytesIn
    site.place.cells[site.place.at + at.bytesOut] += bytesOut
  }

  close(): void {
    this.#file?.close()
    this.#file = undefined
  }

  #find(site: string, hour: number, place: MeterPlace): boolean {
    if (hour > this.#lastHour) this.#forget(hour)
    const key = `${hour} ${site}`
    const known = this.#rows.get(key) ?? this.#begin(site, hour)
    if (known === undefined) return false
    this.#rows.set(key, known)
    Object.assign(place, known)
    return true
  }

  /** What still ends of an hour long past gets a further row: rows are added up. */
  #forget(hour: number): void {
    this.#lastHour = hour
    for (const [key, { hour: old }] of this.#rows) if (old < hour - 1) this.#rows.delete(key)
  }

  #begin(site: string, hour: number): MeterPlace | undefined {
    const row = this.#file?.begin(site, hour) ?? this.#further()?.begin(site, hour)
    return row === undefined ? undefined : { cells: this.#file!.cells, hour, at: row }
  }

  /** The old file stays mapped: rows of it may still be counted in. */
  #further(): UsageFile | undefined {
    if (performance.now() < this.#retryMs) return undefined
    const { directory, bytesMax, log } = this.#options
    this.#file = undefined
    try {
      if (usageBytesIn(directory) >= bytesMax)
        throw new Error(`there are ${bytesMax} bytes that control has not taken`)
      this.#file = new UsageFile(directory, randomUUID())
    } catch (error) {
      this.#retryMs = performance.now() + retryEveryMs
      log.error({ err: error }, 'what sites use is not counted')
    }
    return this.#file
  }
}

/** A disk that is full is not asked with each request. */
const retryEveryMs = 10_000
