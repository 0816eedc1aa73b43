// What is wrong with a query of Prometheus, seen from what the edge writes: names, labels and their values.
import { type Family, readFamilies } from '../../../config/metrics-page.js'
import { fullStatus } from '../../supervise/full-status.js'
import { renderMetrics } from '../../supervise/metrics.js'
import { edgeLabels } from '../../supervise/metrics-reference.js'

const families = readFamilies(renderMetrics(fullStatus()))
const byName = new Map(families.flatMap(family => samplesOf(family).map(name => [name, family] as const)))

/** Prometheus adds these. */
const added = ['job', 'instance']

function samplesOf({ name, type }: Family): string[] {
  return type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name]
}

/** Every name of a metric in a text. */
export function namesIn(text: string): string[] {
  return [...text.matchAll(/\bnaij_\w+/g)].map(([name]) => name)
}

export function isKnown(name: string): boolean {
  return byName.has(name)
}

/** The labels that results of this query may have. */
export function labelsIn(query: string): Set<string> {
  return new Set([...added, ...namesIn(query).flatMap(labelsOfName)])
}

function labelsOfName(name: string): string[] {
  const labels = [...(byName.get(name)?.labels.keys() ?? [])]
  return labels.filter(label => label !== 'le' || name.endsWith('_bucket'))
}

export function queryFaults(query: string): string[] {
  const known = labelsIn(query)
  const grouped = [...query.matchAll(/\b(?:by|without|on|ignoring) *\(([^)]*)\)/g)].flatMap(([, list]) =>
    list!.split(',').map(label => label.trim()),
  )
  return [
    ...namesIn(query)
      .filter(name => !isKnown(name))
      .map(name => `${name} is not written`),
    ...grouped.filter(label => !known.has(label)).map(label => `no metric of it has ${label}`),
    ...[...query.matchAll(/\b(naij_\w+)\{([^}]*)\}/g)].flatMap(([, name, list]) =>
      matcherFaults(name!, list!),
    ),
  ]
}

function matcherFaults(name: string, list: string): string[] {
  const labels = byName.get(name)?.labels
  return [...list.matchAll(/(\w+)(=~|!~|!=|=)"([^"]*)"/g)].flatMap(([, label, how, value]) => {
    if (added.includes(label!)) return []
    const values = labels?.get(label!)
    if (values === undefined) return [`${name} has no label ${label}`]
    if (edgeLabels[label!]?.open !== undefined) return []
    const named = how!.includes('~') ? value!.split('|') : [value!]
    return named.filter(one => !values.has(one)).map(one => `${name} has no ${label} ${one}`)
  })
}
