import t from 'tap'
import { noTotals } from '../../keep/messages.js'
import { keeperFamilies } from '../../supervise/keeper-metrics.js'
import { keeperStatus, noKeeper } from '../../supervise/keeper-status.js'
import { reportOf } from '../support/supervise-keepers.js'

t.test('keeperFamilies() writes what the keeper knows', async t => {
  const fills = {
    slots: { free: 7, preparing: 0, offered: 0, asking: 1, filling: 0, whole: 0, unshared: 0, orphaned: 0 },
    counts: { fillsLed: 4, fillsTakenOver: 2 },
  }
  const report = { ...reportOf('keeping', 3), fills }
  const known = { pid: 7, report, retired: noTotals(), sinceMs: 1, reportAgeMs: 1, deaths: 2, why: undefined }
  const text = keeperFamilies(keeperStatus(known)).join('')
  for (const line of [
    'naij_keeper_keeping 1',
    'naij_keeper_deaths_total 2',
    'naij_keeper_files_swept_total 0',
    'naij_keeper_resident_bytes 60000',
    'naij_cache_index_bytes 8192',
    'naij_cache_index_bytes_max 100000',
    'naij_cache_segments 2',
    'naij_cache_segments_bytes 50000',
    'naij_cache_segments_bytes_max 700000',
    'naij_cache_segments_evicted_total 3',
    'naij_cache_segments_evicted_bytes_total 3000',
    'naij_cache_disk_bytes 1000000',
    'naij_cache_disk_free_bytes 400000',
    'naij_fill_slots{state="asking"} 1',
    'naij_fills_total{part="led"} 4',
    'naij_fills_total{part="taken-over"} 2',
  ]) {
    t.ok(text.includes(`\n${line}\n`), line)
  }
})

t.test('keeperFamilies() has no samples of what nobody knows', async t => {
  const text = keeperFamilies(noKeeper()).join('')
  t.match(text, /^naij_keeper_keeping 0$/m)
  t.match(text, /^# TYPE naij_cache_segments_bytes gauge$/m)
  t.notMatch(text, /^naij_(cache|fill)_(?!.*_total )/m)
})
