// What the optimiser has done as metrics: pure. A family whose numbers are not known now is there without samples.
import type { SavedCounts } from '../serving.js'
import type { OptimiserStatus } from './optimiser-slot.js'
import { counter, gauge, only, type Sample } from './prometheus.js'

export function optimiserFamilies(
  { deaths, totals, residentBytes }: OptimiserStatus,
  saved: readonly SavedCounts[] = [],
): string[] {
  const jobs = Object.entries(totals?.jobs ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  const times = Object.entries(totals?.milliseconds ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  const each = (value: (counts: SavedCounts) => number) =>
    saved.map((counts): Sample => [{ site: counts.site, form: counts.form }, value(counts)])
  return [
    counter(
      'form_responses_total',
      'Bodies served in another form than they came in.',
      each(({ responses }) => responses),
    ),
    gauge(
      'form_saved_bytes',
      'Bytes that these were shorter than what came.',
      each(({ bytes }) => bytes),
    ),
    counter('optimiser_deaths_total', 'Optimisers that died and were replaced.', only(deaths)),
    gauge('optimiser_resident_bytes', 'Resident memory of the optimiser.', known(residentBytes)),
    gauge('optimiser_jobs_queued', 'Forms that wait to be made.', known(totals?.queued)),
    gauge('optimiser_jobs_running', 'Forms that are being made.', known(totals?.running)),
    counter('optimiser_jobs_total', 'Forms by what they are and what came of it.', jobs.map(sampleOf)),
    counter(
      'optimiser_job_seconds_total',
      'Time in the threads of the optimiser.',
      times.map(([kind, milliseconds]): Sample => [{ kind }, milliseconds / 1000]),
    ),
  ]
}

function sampleOf([name, count]: [string, number]): Sample {
  const [kind, outcome] = name.split(' ')
  return [{ kind: kind!, outcome: outcome! }, count]
}

function known(value: number | null | undefined): Sample[] {
  return typeof value === 'number' ? only(value) : []
}
