// One family of metrics as Prometheus text, format 0.0.4: pure. Names start with naij_, units are in the names.

type Labels = Record<string, string | number>
export type Sample = [labels: Labels, value: number]

/** The one sample of a family without labels. */
export function only(value: number): Sample[] {
  return [[{}, value]]
}

export function counter(name: string, help: string, samples: readonly Sample[]): string {
  return family(name, 'counter', help, samples)
}

export function gauge(name: string, help: string, samples: readonly Sample[]): string {
  return family(name, 'gauge', help, samples)
}

/** `bounds`: upper ones, in the unit of the name; `counts`: looks in each class alone, one more than bounds. */
export function histogram(
  name: string,
  help: string,
  bounds: readonly number[],
  { counts, sum }: { counts: readonly number[]; sum: number },
): string {
  let total = 0
  const buckets = counts.map((count, index): string => {
    total += count
    return `naij_${name}_bucket{le="${bounds[index] ?? '+Inf'}"} ${total}\n`
  })
  const ends = `naij_${name}_sum ${sum}\nnaij_${name}_count ${total}\n`
  return `# HELP naij_${name} ${help}\n# TYPE naij_${name} histogram\n${buckets.join('')}${ends}`
}

function family(name: string, type: string, help: string, samples: readonly Sample[]): string {
  const lines = samples.map(([labels, value]) => `naij_${name}${renderLabels(labels)} ${value}\n`)
  return `# HELP naij_${name} ${help}\n# TYPE naij_${name} ${type}\n${lines.join('')}`
}

function renderLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeValue(String(value))}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escapeValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
