// What the keeper knows as metrics: pure. A family whose numbers are not known now is there without samples.
import type { KeeperStatus } from './keeper-status.js'
import { counter, gauge, only, type Sample } from './prometheus.js'

export function keeperFamilies(keeper: KeeperStatus): string[] {
  return [...process(keeper), ...cache(keeper), ...purges(keeper), ...fills(keeper)]
}

function process({ state, deaths, totals, residentBytes }: KeeperStatus): string[] {
  return [
    gauge(
      'keeper_keeping',
      '1 while our keeper keeps the cache, 0 while there is none or another edge has it.',
      only(state === 'keeping' ? 1 : 0),
    ),
    counter('keeper_deaths_total', 'Keepers that died and were replaced.', only(deaths)),
    counter('keeper_files_swept_total', 'Files of dead workers that were removed.', only(totals.filesSwept)),
    gauge('keeper_resident_bytes', 'Resident memory of the keeper.', known(residentBytes)),
  ]
}

function cache({ index, segments, disk, totals }: KeeperStatus): string[] {
  return [
    gauge('cache_index_bytes', 'Bytes of the index in use.', known(index?.bytes)),
    gauge('cache_index_bytes_max', 'Bytes the index may use.', known(index?.bytesMax)),
    gauge('cache_segments', 'Segments of the cache.', known(segments?.files)),
    gauge('cache_segments_bytes', 'Bytes of all segments on the disk.', known(segments?.bytes)),
    gauge('cache_segments_bytes_max', 'Bytes all segments may take.', known(segments?.bytesMax)),
    counter(
      'cache_segments_evicted_total',
      'Segments that the keeper removed, oldest first.',
      only(totals.segmentsEvicted),
    ),
    counter(
      'cache_segments_evicted_bytes_total',
      'Bytes of the segments that the keeper removed.',
      only(totals.segmentBytesEvicted),
    ),
    counter(
      'cache_entries_kept_total',
      'Entries that were used lately and so moved out of a segment before it was removed.',
      only(totals.entriesKept),
    ),
    counter('cache_entries_kept_bytes_total', 'Bytes of the bodies that moved so.', only(totals.bytesKept)),
    gauge('cache_disk_bytes', 'Size of the file system of the cache.', known(disk?.bytes)),
    gauge('cache_disk_free_bytes', 'What the edge may still take of it.', known(disk?.freeBytes)),
  ]
}

function purges({ purges: view, totals }: KeeperStatus): string[] {
  return [
    counter(
      'purge_rules_total',
      'Purges that were put into force, one per item.',
      only(totals.purgesAccepted),
    ),
    gauge('purge_rules', 'Purges in force.', known(view?.rules)),
    gauge('purge_sequence', 'Number of the last purge, or of what retired some.', known(view?.sequence)),
    counter(
      'purge_removed_total',
      'Responses that purges took out of the index.',
      only(totals.purgedEntries),
    ),
    counter('purge_softened_total', 'Responses that purges made stale.', only(totals.softenedEntries)),
    counter('purge_sweeps_total', 'Walks through the index for what was purged.', only(totals.purgeSweeps)),
    gauge(
      'purge_sweep_entries',
      'Entries that the walk under way has looked at, 0 while there is none.',
      view === null ? [] : only(view.sweepSeen ?? 0),
    ),
  ]
}

function fills({ fills: view }: KeeperStatus): string[] {
  const { slots = {}, counts = {} } = view ?? {}
  return [
    gauge('fill_slots', 'Fetches shared by the workers of the host, by state.', samples('state', slots)),
    counter('fills_total', 'Requests by their part in shared fetches, since boot.', parts(counts)),
  ]
}

function samples(label: string, values: Readonly<Record<string, number>>): Sample[] {
  return Object.entries(values).map(([name, value]): Sample => [{ [label]: name }, value])
}

/** `fillsTakenOver` is the part `taken-over`. */
function parts(counts: Readonly<Record<string, number>>): Sample[] {
  return Object.entries(counts).map(([name, value]): Sample => [{ part: partOf(name) }, value])
}

function partOf(name: string): string {
  const words = name.replace(/^fills/, '').replace(/(?<=[a-z])[A-Z]/g, letter => `-${letter}`)
  return words.toLowerCase()
}

function known(value: number | null | undefined): Sample[] {
  return value === null || value === undefined ? [] : only(value)
}
