// What the one keeper of a cache does, each in its own time: counts index and disk, makes room among the segments, tends
// the fills, sweeps the run directory. Whatever fails is said now and then, and tried again.
import { join } from 'node:path'
import type { EdgeConfig } from '../../config/settings.js'
import type { StoreLog } from '../cache/commit.js'
import { segmentsCapOf } from '../cache/segments/cap.js'
import { listFiles, type SegmentFile } from '../cache/segments/directory.js'
import { heldBytes } from '../cache/segments/held.js'
import { seldom } from '../cache/segments/seldom.js'
import { indexBytesMaxOf, keptBytesOf, segmentsBytesMaxOf } from '../cache/segments/sizes.js'
import type { Logger } from '../usage/logger.js'
import { diskSpace } from './disk.js'
import { type FillsKeeping, keepFills } from './fills.js'
import type { IndexGauge } from './index-gauge.js'
import { Lodgers } from './lodgers.js'
import type { KeeperReport } from './messages.js'
import { OwnSegments } from './own-segments.js'
import type { PurgeDesk } from './purge-desk.js'
import { PurgeSweep } from './purge-sweep.js'
import { emptySegment, type Readmitted } from './readmit.js'
import { Room } from './room.js'
import { SiteCount } from './site-count.js'
import { Strays } from './strays.js'
import { sweepRun } from './sweep.js'
import { Watch } from './watch.js'

const measureEveryMs = 1_000
/** The safety net: changes of the directory wake it, at most once in `changePauseMs`. */
const lookEveryMs = 5_000
const changePauseMs = 50
/** The same while there is much room. */
const roomyPauseMs = 500
const sweepEveryMs = 10_000
const purgesEveryMs = 1_000
const straysEveryMs = 1_000
const sitesEveryMs = 10_000
/** The same trouble is told this often. */
const logEveryMs = 10_000

export interface DutiesOptions {
  config: EdgeConfig
  workers: number
  log: Logger
  index: IndexGauge
  desk: PurgeDesk
}

export class Duties {
  readonly #options: DutiesOptions
  readonly #log: StoreLog
  readonly #purges: PurgeSweep
  readonly #room: Room
  readonly #segments: OwnSegments
  readonly #sites: SiteCount
  readonly #lodgers: Lodgers
  readonly #strays: Strays
  readonly #watch: Watch
  readonly #timers: NodeJS.Timeout[]
  #fills: FillsKeeping | undefined
  #joined: Promise<void> = Promise.resolve()
  #known: Pick<KeeperReport, 'index' | 'disk'> = { index: null, disk: null }
  #filesSwept = 0
  /** Of segments that left since marks were forgotten. */
  #turnedBytes = 0
  readonly #kept = { entries: 0, bytes: 0 }
  readonly #credit = { bytes: 0 }
  /** Segments that left with all of their entries since the last look. */
  readonly #emptied = new Set<number>()

  constructor(options: DutiesOptions) {
    const { config, log, index, desk } = options
    const { directory, bytesMax } = config.cache
    this.#options = options
    this.#log = seldom((level, message, details) => log[level](readable(details), message), logEveryMs)
    const { purgeRulesMax: rulesMax } = config.limits
    const databases = () => index.open()
    this.#purges = new PurgeSweep({ desk, databases, rulesMax, log: this.#log })
    const segments = join(directory, 'segments')
    this.#segments = new OwnSegments({ directory: segments, bytesMax, log: this.#log })
    this.#sites = new SiteCount({
      cacheDirectory: directory,
      sites: config.sites,
      databases,
      segments: async () => new Set((await listFiles(segments)).map(({ id }) => id)),
      log: this.#log,
    })
    this.#lodgers = new Lodgers({ databases, workers: options.workers })
    this.#strays = new Strays({ databases, log: this.#log })
    this.#room = new Room({
      directory: segments,
      keepBytes: () => this.#keptBytes(),
      log: this.#log,
      before: file => this.#empty(file),
      onLooked: files => this.#noteLeft(files),
    })
    this.#watch = new Watch({
      directory: segments,
      pauseMs: () => (this.#room.isNearlyFull ? changePauseMs : roomyPauseMs),
      onChange: () => void this.#room.look(),
      onTrouble: error => this.#log('warn', 'the segments cannot be watched', { error }),
    })
    this.#timers = [
      setInterval(() => this.#measure(), measureEveryMs),
      setInterval(() => void this.#room.look(), lookEveryMs),
      setInterval(() => this.#sweep(), sweepEveryMs),
      setInterval(() => void this.#purges.tend(), purgesEveryMs),
      setInterval(() => void this.#strays.tend(), straysEveryMs),
      setInterval(() => void this.#sites.tend(), sitesEveryMs),
    ]
  }

  /** Everything once; resolves when it is done. Never rejects. */
  async begin(): Promise<void> {
    const { config, workers } = this.#options
    // One worker shares its fills with nobody.
    if (workers > 1) this.#joined = this.#join(config.run.directory)
    await Promise.all([this.#measure(), this.#room.look(), this.#sweep(), this.#joined])
    void this.#sites.tend()
  }

  report(): Pick<KeeperReport, 'index' | 'segments' | 'disk' | 'fills' | 'purges'> & { totals: Totals } {
    const { config, workers } = this.#options
    const { bytesMax } = config.cache
    const { size, segmentsEvicted, segmentBytesEvicted } = this.#room
    const caps = { bytesMax: segmentsBytesMaxOf(bytesMax), keptBytes: keptBytesOf(bytesMax, workers) }
    return {
      ...this.#known,
      segments: size === undefined ? null : { ...size, ...caps },
      fills: this.#fills?.view() ?? null,
      purges: this.#purges.view(),
      totals: {
        segmentsEvicted,
        segmentBytesEvicted,
        entriesKept: this.#kept.entries,
        bytesKept: this.#kept.bytes,
        filesSwept: this.#filesSwept,
        purgeSweeps: this.#purges.sweeps,
      },
    }
  }

  /** Resolves when nothing is under way any more. */
  async end(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    this.#watch.close()
    await this.#joined
    const fills = this.#fills
    this.#fills = undefined
    const sweeps = [this.#purges.stop(), this.#strays.stop(), this.#sites.stop()]
    await Promise.all([fills?.leave(), this.#room.idle(), ...sweeps])
    await this.#segments.close()
  }

  /** What was used lately moves out of a segment before it leaves. Without the index it leaves as it is. */
  async #empty(file: SegmentFile): Promise<void> {
    const { index } = this.#options
    try {
      const done = await emptySegment(file, {
        directory: join(this.#options.config.cache.directory, 'segments'),
        databases: () => index.open(),
        lodgers: this.#lodgers,
        credit: this.#credit,
        segments: () => this.#segments.open(),
        isFavoured: stored => this.#sites.isFavoured(stored),
        log: this.#log,
      })
      this.#noteKept(file, done)
      if (done.isAll) this.#emptied.add(file.id)
    } catch (error) {
      this.#log('warn', 'a segment leaves with all that was in it', { segment: file.id, error })
    }
  }

  #noteLeft(files: readonly SegmentFile[]): void {
    this.#lodgers.retain(files)
    this.#strays.note(files, this.#emptied)
    this.#emptied.clear()
  }

  #noteKept({ bytes }: SegmentFile, { kept, keptBytes }: Readmitted): void {
    this.#kept.entries += kept
    this.#kept.bytes += keptBytes
    const { config, index } = this.#options
    this.#turnedBytes += bytes - keptBytes
    if (this.#turnedBytes < segmentsBytesMaxOf(config.cache.bytesMax) / 2) return
    this.#turnedBytes = 0
    index.open().marks?.forgetOlder()
  }

  async #measure(): Promise<void> {
    this.#known = { index: this.#indexSize(), disk: await this.#disk() }
  }

  #indexSize(): KeeperReport['index'] {
    try {
      const { bytesMax } = this.#options.config.cache
      return { ...this.#options.index.measure(), bytesMax: indexBytesMaxOf(bytesMax) }
    } catch (error) {
      this.#log('warn', 'the index could not be measured', { error })
      return null
    }
  }

  async #disk(): Promise<KeeperReport['disk']> {
    try {
      return await diskSpace(this.#options.config.cache.directory)
    } catch (error) {
      this.#log('warn', 'the disk could not be measured', { error })
      return null
    }
  }

  /** Less when the index takes more than its share. */
  #keptBytes(): number {
    const { config, workers } = this.#options
    const { directory, bytesMax } = config.cache
    const kept = keptBytesOf(bytesMax, workers)
    const cap = segmentsCapOf(directory, bytesMax, segmentsBytesMaxOf(bytesMax) - kept)
    return Math.min(kept, cap) - heldBytes(join(directory, 'segments'))
  }

  async #sweep(): Promise<void> {
    try {
      this.#options.index.forgetDeadReaders()
      this.#filesSwept += await sweepRun(this.#options.config.run.directory, Date.now())
    } catch (error) {
      this.#log('warn', 'what dead workers left could not be removed', { error })
    }
  }

  async #join(runDirectory: string): Promise<void> {
    const onTrouble = (error: Error) => this.#log('warn', 'the host is not well', { error })
    try {
      this.#fills = await keepFills({ runDirectory, onTrouble })
    } catch (error) {
      this.#log('warn', 'the keeper does not see the fills of this host', { error })
    }
  }
}

type Totals = Pick<
  KeeperReport['totals'],
  'segmentsEvicted' | 'segmentBytesEvicted' | 'entriesKept' | 'bytesKept' | 'filesSwept' | 'purgeSweeps'
>

/** The log knows how to write an error under this name. */
function readable({ error, ...details }: Record<string, unknown>): Record<string, unknown> {
  return error === undefined ? details : { ...details, err: error }
}
