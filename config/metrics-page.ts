// What a program says at /metrics, as the tables of a reference page: pure. For the edge and for control.
import { cell, code, markdownTable } from './table.js'

export interface Family {
  name: string
  type: string
  help: string
  /** By name, each with its values in the order they came. A histogram has `le`. */
  labels: Map<string, Set<string>>
}

export interface LabelMeaning {
  what: string
  /** Of what has no fixed list: what they are, and how many there may be at one time. */
  open?: [values: string, bound: string]
}

/** The families of a text in format 0.0.4; throws at a line that belongs to none. */
export function readFamilies(text: string): Family[] {
  const families = new Map<string, Family>()
  let family: Family | undefined
  for (const line of text.split('\n').filter(line => line !== '')) {
    const [, word, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? []
    if (word === 'HELP') {
      family = { name, type: '', help: rest, labels: new Map() }
      families.set(name, family)
    } else if (word === 'TYPE') families.get(name)!.type = rest
    else if (family !== undefined && line.startsWith(family.name)) noteLabels(family, line)
    else throw new Error(`belongs to no family: ${line}`)
  }
  return [...families.values()]
}

function noteLabels({ labels }: Family, line: string): void {
  for (const [, name, value] of line.matchAll(/[{,](\w+)="((?:[^"\\]|\\.)*)"/g)) {
    labels.set(name!, (labels.get(name!) ?? new Set()).add(value!))
  }
}

/** `units`: of those whose name does not say it. */
export function familiesTable(families: readonly Family[], units: Readonly<Record<string, string>>): string {
  const rows = families.map(({ name, type, help, labels }) => [
    code(name),
    type,
    [...labels.keys()].map(code).join(', '),
    units[name] ?? unitOf(name),
    cell(help),
  ])
  return markdownTable(['Name', 'Type', 'Labels', 'Unit', 'Meaning'], rows)
}

/** Throws when a family has a label whose meaning is not said, or a meaning is of no label. */
export function labelsTable(
  families: readonly Family[],
  meanings: Readonly<Record<string, LabelMeaning>>,
): string {
  const seen = new Map<string, Set<string>>()
  for (const { labels } of families)
    for (const [name, values] of labels) seen.set(name, new Set([...(seen.get(name) ?? []), ...values]))
  const stray = [...seen.keys()].filter(name => meanings[name] === undefined)
  const unused = Object.keys(meanings).filter(name => !seen.has(name))
  if (stray.length + unused.length > 0)
    throw new Error(`labels without a meaning: ${stray}; meanings without a label: ${unused}`)
  const rows = Object.entries(meanings).map(([name, { what, open }]) => {
    const values = [...seen.get(name)!]
    return [code(name), what, ...(open ?? [values.map(code).join(' '), String(values.length)])]
  })
  return markdownTable(['Label', 'What it tells', 'Values', 'How many'], rows)
}

function unitOf(name: string): string {
  if (name.includes('bytes')) return 'bytes'
  return name.includes('seconds') ? 'seconds' : 'count'
}
