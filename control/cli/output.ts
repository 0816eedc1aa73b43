// What naijctl prints: tables for people, JSON for programs. Pure but for `Output`, which writes.

export interface Column<Row> {
  readonly title: string
  readonly of: (row: Row) => string | number | boolean | null | undefined
}

/** Columns as wide as they have to be, two spaces between; no rows is `nothing`. */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  if (rows.length === 0) return 'nothing\n'
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map(row => columns.map(({ of }) => cellText(of(row)))),
  ]
  const widths = columns.map((_, at) => Math.max(...cells.map(line => line[at]!.length)))
  return cells
    .map(
      line =>
        `${line
          .map((text, at) => text.padEnd(widths[at]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}

export function cellText(value: string | number | boolean | null | undefined): string {
  if (value === null || value === undefined) return '-'
  // What somebody else has written does not move the cursor.
  return String(value).replace(/[\0-\x1f\x7f-\x9f]/g, '?')
}

/** One thing: a name and a value a line. */
export function record(value: Readonly<Record<string, unknown>>): string {
  const rows = Object.entries(value).map(([name, each]) => ({
    name,
    text: typeof each === 'object' && each !== null ? JSON.stringify(each) : String(each ?? '-'),
  }))
  const width = Math.max(...rows.map(({ name }) => name.length))
  return rows.map(({ name, text }) => `${name.padEnd(width)}  ${cellText(text)}\n`).join('')
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

export function bytesText(bytes: number): string {
  let [value, unit] = [bytes, 0]
  while (value >= 1024 && unit < units.length - 1) [value, unit] = [value / 1024, unit + 1]
  return unit === 0 ? `${bytes} B` : `${value.toFixed(1)} ${units[unit]}`
}

export interface Streams {
  print(text: string): void
  printError(text: string): void
}

export class Output {
  readonly isJson: boolean
  readonly #streams: Streams

  constructor(isJson: boolean, streams: Streams) {
    this.isJson = isJson
    this.#streams = streams
  }

  rows<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): void {
    this.#streams.print(this.isJson ? `${JSON.stringify(rows, null, 2)}\n` : table(rows, columns))
  }

  one(value: Readonly<Record<string, unknown>>): void {
    this.#streams.print(this.isJson ? `${JSON.stringify(value, null, 2)}\n` : record(value))
  }

  /** In a sentence; programs get `value`. */
  said(text: string, value: unknown): void {
    this.#streams.print(this.isJson ? `${JSON.stringify(value, null, 2)}\n` : `${text}\n`)
  }

  raw(text: string): void {
    this.#streams.print(text)
  }

  /** How far something is: beside what is printed. */
  progress(text: string): void {
    this.#streams.printError(`${text}\n`)
  }
}
