// Has answers given again where the bytes of a request come in, before the engine sees them: source/engine/replay/, in the
// second addon. Who teaches what, and until when that is true, is edge/replay/'s.
import { type EngineAddon, engineAddonFile, loadEngineAddon } from './engine-addon.js'
import { isKnownEngine } from './heads.js'

export interface ReplayLimits {
  /** Answers that are remembered at once. */
  answersMax: number
  /** Bytes of bodies that clients do not take, in all: above it none is given again. */
  unsentBytesMax: number
  /** How long a client may take nothing, and a connection be idle. */
  idleSeconds: number
  /** The engine refuses longer heads. */
  headBytesMax: number
}

/** Names by which answers vary and which most requests do not bear: what one has is told by a bit, in this order. */
export const absentNames = [
  'origin',
  'cookie',
  'authorization',
  'x-forwarded-proto',
  'x-requested-with',
  'access-control-request-method',
  'access-control-request-headers',
]

/** A word of shared memory that an answer hangs on. */
export interface Watched {
  /** What `watch` returned for the memory that it is in. */
  memory: number
  at: number
  /** What it is while the answer holds. */
  value: number
}

/** Where the use of a site is counted: places in cells that `meter` was called with. */
export interface Tally {
  cells: number
  requests: number
  bytesOut: number
  status: number
  hits: number
  bytesSaved: number
  aborted: number
}

/** Where it is counted how often a form was given, and behind that how many bytes it has saved. */
export interface FormTally {
  cells: number
  at: number
  /** What one answer saves. */
  bytesShorter: number
}

/** A body in a file that `addFile` was called with: places and lengths, one behind the other. */
export interface PlacedLesson {
  file: number
  extents: readonly (readonly [at: number, bytes: number])[]
  bytes: number
}

/** An answer of status 200, or 304, over HTTP/1.1. The bytes are not copied, and must not change. */
export interface Lesson {
  /** It has no body then. */
  isNotModified: boolean
  /** When it may be given: wall clock, milliseconds. */
  fromMs: number
  untilMs: number
  /** What Age and ttl count from. */
  bornAtMs: number
  freshUntilMs: number
  /** The head up to the number of Age, and what stands between that and the number of the ttl. Date and length follow. */
  beforeAge: Uint8Array
  afterAge: Uint8Array
  body: Uint8Array
  /** Instead of `body`: parts of a file. */
  placed: PlacedLesson | undefined
  /** Of the line in the log, what is the same for all who get it; nothing where there are no lines. */
  line: Uint8Array
  tally: Tally | undefined
  formTally: FormTally | undefined
  watched: readonly Watched[]
  /** Bits of `absentNames`: it is for who has none of these. */
  absent: number
}

/** One line for each answer. */
export interface ReplayLog {
  /** JSON up to the time, and from there to the client. */
  before: string
  between: string
  /** A line for each so many. */
  every: number
  /** Of lines that wait to be taken: above it nothing is given again. */
  bytesMax: number
}

/** Words of a lesson: `Numbers` in source/engine/replay/addon.cc. */
const headWords = 20
const watchedMax = 8

const none = new Float64Array(0)

type Addon = EngineAddon['replay']

export class ReplayMemory {
  readonly #addon: Addon
  readonly #words: Float64Array
  readonly #numbers = new Float64Array(headWords + 3 * watchedMax)
  readonly opened: Addon['opened']
  readonly closed: Addon['closed']
  readonly takeLines: Addon['takeLines']
  /** A segment, by number and descriptor: bodies may be sent out of it until `leaveFile` has returned 0. */
  readonly addFile: Addon['addFile']
  /** None is begun any more; how many are being sent out of it still. */
  readonly leaveFile: Addon['leaveFile']
  /** Those are cut off. */
  readonly cutFile: Addon['cutFile']
  readonly turn: Addon['turn']
  readonly watch: Addon['watch']
  readonly meter: Addon['meter']
  readonly forget: Addon['forget']
  readonly clear: Addon['clear']
  readonly tell: Addon['tell']
  readonly sending: Addon['sending']
  readonly end: Addon['end']

  constructor(addon: Addon, words: Float64Array) {
    this.#addon = addon
    this.#words = words
    this.opened = addon.opened
    this.closed = addon.closed
    this.takeLines = addon.takeLines
    this.addFile = addon.addFile
    this.leaveFile = addon.leaveFile
    this.cutFile = addon.cutFile
    this.turn = addon.turn
    this.watch = addon.watch
    this.meter = addon.meter
    this.forget = addon.forget
    this.clear = addon.clear
    this.tell = addon.tell
    this.sending = addon.sending
    this.end = addon.end
  }

  /** Names the request that the engine hands over at this moment, for `teach` and `release`; 0: it is for neither. */
  get token(): number {
    return this.#words[0]!
  }

  /** Bytes of lines that wait to be taken. */
  get linesBytes(): number {
    return this.#words[5]!
  }

  /** From now on lines are written. */
  log({ before, between, every, bytesMax }: ReplayLog): void {
    this.#addon.log(before, between, every, bytesMax)
  }

  /** What was given since the last time; `notModified` of the hits were 304. */
  takeCounts(): { hits: number; notModified: number; bodyBytes: number; aborted: number } {
    const [, , hits = 0, bodyBytes = 0, aborted = 0, , notModified = 0] = this.#words
    this.#words.fill(0, 2, 5)
    this.#words[6] = 0
    return { hits, notModified, bodyBytes, aborted }
  }

  /** The answer to the request of this token is whole, and its connection stays. */
  release(token: number): void {
    if (this.#words[0] === token) this.#words[1] = token
    else this.#addon.release(token)
  }

  /** To be called while the engine hands that request over. The id of what was learned; -1: nothing was. */
  teach(token: number, lesson: Lesson): number {
    const { tally, formTally, watched } = lesson
    if (watched.length > watchedMax) return -1
    const words = this.#numbers
    words.set([
      token,
      lesson.fromMs,
      lesson.untilMs,
      lesson.bornAtMs,
      lesson.freshUntilMs,
      tally?.cells ?? -1,
    ])
    if (tally !== undefined) {
      const { requests, bytesOut, status, hits, bytesSaved, aborted } = tally
      words.set([requests, bytesOut, status, hits, bytesSaved, aborted], 6)
    }
    const { placed } = lesson
    words.set([formTally?.cells ?? -1, formTally?.at ?? 0, formTally?.bytesShorter ?? 0, lesson.absent], 12)
    words.set([lesson.isNotModified ? 1 : 0, placed?.file ?? -1, placed?.bytes ?? 0, watched.length], 16)
    for (const [index, { memory, at, value }] of watched.entries())
      words.set([memory, at, value], headWords + 3 * index)
    const extents = placed === undefined ? none : new Float64Array(placed.extents.flat())
    return this.#addon.teach(words, lesson.beforeAge, lesson.afterAge, lesson.body, lesson.line, extents)
  }
}

/**
 * The one of this process, until it is ended; undefined while there is one, and where there can be none: see `headScanner`.
 * `engineDirectory`: of the engine's package, which is loaded.
 */
export function openReplay(
  engineDirectory: string,
  limits: ReplayLimits,
  file = engineAddonFile,
): ReplayMemory | undefined {
  const addon = isKnownEngine(engineDirectory) ? loadEngineAddon(file)?.replay : undefined
  // Larger than what V8 keeps on its own heap, where it could move.
  const words = new Float64Array(512)
  const { answersMax, unsentBytesMax, idleSeconds, headBytesMax } = limits
  return addon?.begin(words, answersMax, unsentBytesMax, idleSeconds, headBytesMax)
    ? new ReplayMemory(addon, words)
    : undefined
}
