// What is wrong with a config and how it is told: path, what was found, what was expected. Finding it is check.ts and
// relations.ts; nothing here knows a setting by name.

/** `path` is empty when the whole text is meant; `message` is one line: "what was found, what was expected". */
export interface Problem {
  readonly path: string
  readonly message: string
}

/** A problem while it is still being collected: list positions are numbers, so that item 2 sorts before item 10. */
export interface Fault {
  readonly segments: Segments
  readonly message: string
}

export type Segments = readonly (string | number)[]

/** Longer texts are cut in messages. */
const shownCharactersMax = 60
const plainKey = /^[A-Za-z_$][\w$]*$/

/** `['sites', 0, 'hosts']` -> `sites[0].hosts`; a key that is no plain word is quoted: `sites[0]["a b"]`. */
export function pathText(segments: Segments): string {
  let path = ''
  for (const segment of segments) {
    if (typeof segment === 'number') path += `[${segment}]`
    else if (!plainKey.test(segment) || segment.length > shownCharactersMax) path += `[${shown(segment)}]`
    else path += path === '' ? segment : `.${segment}`
  }
  return path
}

/** A value as a message shows it: always one short line without control characters. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`
  return String(value)
}

/** `["a", "b", "c"]` -> `a, b or c`. */
export function alternatives(words: readonly string[]): string {
  if (words.length < 2) return words.join('')
  return `${words.slice(0, -1).join(', ')} or ${words[words.length - 1]}`
}

/** Sorted by path, one for each path: the first found speaks. */
export function problemsOf(faults: readonly Fault[]): Problem[] {
  const byPath = new Map<string, Fault>()
  for (const fault of faults) {
    const path = pathText(fault.segments)
    if (!byPath.has(path)) byPath.set(path, fault)
  }
  return [...byPath]
    .sort(([, a], [, b]) => compareSegments(a.segments, b.segments))
    .map(([path, { message }]) => ({ path, message }))
}

/** One line each, as `--check` prints them: `path: what was found, what was expected`. */
export function formatProblems(problems: readonly Problem[]): string {
  return problems.map(({ path, message }) => `${path === '' ? 'config' : path}: ${message}`).join('\n')
}

function quoted(text: string): string {
  const cut = text.length > shownCharactersMax ? `${text.slice(0, shownCharactersMax)}…` : text
  // JSON leaves some control, format and line-separating characters as they are; a terminal would obey them.
  return JSON.stringify(cut).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, character => {
    return `\\u{${character.codePointAt(0)!.toString(16)}}`
  })
}

function compareSegments(a: Segments, b: Segments): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = compareSegment(a[i]!, b[i]!)
    if (order !== 0) return order
  }
  return a.length - b.length
}

function compareSegment(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  const [first, second] = [String(a), String(b)]
  return first < second ? -1 : Number(first > second)
}
