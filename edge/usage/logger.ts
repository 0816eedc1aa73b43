// The log of one process: pino's JSON lines, buffered up to a limit and written behind, never blocking the loop.
// Lines are joined into writes of at most 4,096 bytes (PIPE_BUF), always whole ones, so that the lines of several
// processes on one pipe never mix; a single line longer than that is written alone and may.
// What is logged, and when, is each caller's business; the access line is `log.ts`'s.
import { constants, fstatSync, openSync } from 'node:fs'
import { type Logger, pino, stdSerializers } from 'pino'
import sonicBoom from 'sonic-boom'

export type { Logger } from 'pino'

export interface LoggerOptions {
  level: 'debug' | 'info' | 'warn' | 'error'
  /** Bytes that may wait to be written; a line beyond them is dropped and counted. */
  bufferBytesMax: number
  /** `name` of every line, left out when absent. */
  name?: string
  /** Number of the worker's slot, left out when absent. */
  slot?: number
  /** File descriptor to write to; standard output when absent. */
  destination?: number
}

export interface ProcessLog {
  readonly log: Logger
  /** Lines dropped since the start because the buffer was full. */
  dropped(): number
  /** Writes what waits, now; gives up after a second when the reader takes nothing. For the end of the process. */
  flush(): void
}

/** PIPE_BUF on Linux: a write up to this size to a pipe is one piece. */
export const writeBytesMax = 4_096
/** A write starts at this many bytes, or at the next `flushEveryMs`. */
const writeBytesMin = 2_048
const flushEveryMs = 100
const lastFlushMs = 1_000

/** Makes the log of this process; it is flushed when the process exits. Call it once per process. */
export function createLogger(options: LoggerOptions): ProcessLog {
  let dropped = 0
  let giveUpAtMs = Number.POSITIVE_INFINITY
  const stream = new sonicBoom.SonicBoom({
    fd: unblocked(options.destination ?? 1),
    sync: false,
    minLength: writeBytesMin,
    maxLength: options.bufferBytesMax,
    maxWrite: writeBytesMax,
    periodicFlush: flushEveryMs,
    retryEAGAIN: () => performance.now() < giveUpAtMs,
  })
  stream.on('drop', (lines: string) => {
    dropped += lines.split('\n').length - 1
  })
  // The reader is gone (EPIPE) or the disk is full: there is nowhere left to say so. Lines go on to wait in the
  // buffer, and beyond it they are dropped and counted.
  stream.on('error', () => {})
  const flush = () => {
    giveUpAtMs = performance.now() + lastFlushMs
    flushNow(stream)
  }
  process.once('exit', flush)
  const { level } = options
  // The rooms of the store say `error`; without this pino would write it as an empty object.
  const serializers = { error: stdSerializers.err }
  const log = pino({ level, base: baseOf(options), serializers }, stream)
  return { log, dropped: () => dropped, flush }
}

/** Writes lines that are made already, as the log would: whole ones, and at most `writeBytesMax` at once. */
export function rawWriterOf(log: Logger): (lines: string) => void {
  const stream = ofPino<{ write(text: string): void }>(log, pino.symbols.streamSym)
  return lines => stream.write(lines)
}

/** What stands in each of its lines behind the time: JSON, beginning with a comma when there is anything. */
export function baseTextOf(log: Logger): string {
  // `bindings()` leaves out the process.
  return ofPino<string>(log, pino.symbols.chindingsSym)
}

function ofPino<T>(log: Logger, symbol: symbol): T {
  return (log as unknown as Record<symbol, T>)[symbol]!
}

function baseOf(options: LoggerOptions): Record<string, unknown> {
  return {
    pid: process.pid,
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.slot === undefined ? {} : { slot: options.slot }),
  }
}

/**
 * Where to write; when it is a pipe, opened once more and non-blocking: the flag belongs to the open description,
 * which is shared with the parent and the other workers, and libuv clears it there at every spawn.
 */
function unblocked(descriptor: number): number {
  if (!fstatSync(descriptor).isFIFO()) return descriptor
  try {
    return openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK)
  } catch {
    // No /proc, or the pipe belongs to another user: a stuck reader then holds one thread of the pool, not the loop.
    return descriptor
  }
}

function flushNow(stream: { flushSync(): void }): void {
  try {
    stream.flushSync()
  } catch {
    // The reader is gone or takes nothing: these lines are lost with the process.
  }
}
