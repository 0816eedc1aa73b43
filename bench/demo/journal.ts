// Makes the edge's log, one JSON object a line, readable in a terminal: one short line for each request, and for
// everything else its message with what goes with it.

const LEVELS: Record<number, string> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warning',
  50: 'error',
  60: 'fatal',
}
/** Of no use to a reader of the terminal. */
const LEFT_OUT = new Set(['level', 'time', 'pid', 'msg', 'slot'])

type Line = Record<string, unknown>

/** One line of the edge's stdout as text to print; what is not JSON stays as it is. */
export function readableLine(line: string): string {
  const parsed = parseLine(line)
  if (parsed === undefined) return line
  return parsed.msg === 'access' ? accessLine(parsed) : messageLine(parsed)
}

function parseLine(line: string): Line | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line) as Line
  } catch {
    // Not a log line after all, or a part of one: shown as it came.
    return undefined
  }
}

function accessLine(line: Line): string {
  const result = String(line.result ?? '-').padEnd(8)
  const took = `${Number(line.durationMs ?? 0).toFixed(1)} ms`.padStart(10)
  const size = readableSize(Number(line.bytesOut ?? 0)).padStart(8)
  const detail = line.detail === undefined ? '' : `  (${line.detail})`
  const form = line.form === undefined ? '' : `  as ${line.form}`
  return `${timeOf(line)}  ${result} ${line.status} ${took} ${size}  ${line.method} ${line.target}${form}${detail}`
}

function messageLine(line: Line): string {
  const level = LEVELS[Number(line.level)] ?? 'log'
  const more = Object.entries(line)
    .filter(([name]) => !LEFT_OUT.has(name))
    .map(([name, value]) => ` ${name}=${typeof value === 'object' ? JSON.stringify(value) : value}`)
  return `${timeOf(line)}  edge ${level}: ${line.msg}${more.join('')}`
}

function timeOf(line: Line): string {
  const time = new Date(Number(line.time))
  return Number.isNaN(time.getTime()) ? '--:--:--' : time.toISOString().slice(11, 19)
}

/** Bytes for people: `512 B`, `4.1 KB`, `1.2 MB`. */
export function readableSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KB`
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`
}
