import t from 'tap'
import { parseConfigValue } from '../../../../config/parse.js'
import { HostFiles } from '../../../cli/doctor/host-files.js'
import { judgeCores, judgeMemory, readCores, readMemory } from '../../../cli/doctor/memory.js'

const gib = 2 ** 30

function configOf(hotBytesMax: string, residentBytesMax: string) {
  const sites = [{ hosts: ['*'], origins: ['http://127.0.0.1:1'] }]
  const settings = { listen: [{ port: 80 }], cache: { hotBytesMax }, limits: { residentBytesMax }, sites }
  const parsed = parseConfigValue(settings)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.config
}

t.test('judgeMemory() holds what workers keep against what there is', async t => {
  const cases: [number | undefined, number | undefined, string, string, string[]][] = [
    [16 * gib, undefined, '64MiB', '2GiB', ['ok', 'ok']],
    [16 * gib, undefined, '64MiB', '8GiB', ['ok', 'note']],
    [16 * gib, undefined, '3GiB', '4GiB', ['warn', 'ok']],
    [16 * gib, undefined, '4GiB', '4GiB', ['bad', 'ok']],
    [16 * gib, gib, '512MiB', '4GiB', ['bad', 'note']],
    [undefined, undefined, '64MiB', '8GiB', ['note']],
  ]
  for (const [totalBytes, groupBytesMax, hot, resident, levels] of cases) {
    const found = judgeMemory({ totalBytes, groupBytesMax }, configOf(hot, resident), 4)
    t.strictSame(
      found.map(({ level }) => level),
      levels,
      `${totalBytes} ${groupBytesMax} ${hot}`,
    )
  }
})

t.test('judgeCores() wants a core for each worker', async t => {
  const cases: [number, number | undefined, number, string, string | null][] = [
    [4, undefined, 4, 'ok', null],
    [4, undefined, 8, 'warn', '"workers": 4'],
    [8, 1.5, 2, 'warn', '"workers": 1'],
    [8, 0.5, 1, 'ok', null],
  ]
  for (const [cores, groupCores, workers, level, change] of cases)
    t.match(judgeCores({ cores, groupCores }, workers), [{ level, change }])
  t.match(judgeCores({ cores: 4, groupCores: undefined }, 2), [{ level: 'note', change: /"auto"/ }])
})

t.test('readMemory() and readCores() know the control group of the edge', async t => {
  const root = t.testdir({
    proc: { meminfo: 'MemTotal:        1000 kB\nMemFree: 5 kB\n', 7: { cgroup: '1:name=x:/\n0::/edge\n' } },
    sys: { fs: { cgroup: { edge: { 'memory.max': '4096\n', 'cpu.max': '150000 100000\n' } } } },
  })
  const files = new HostFiles(root)
  t.strictSame(readMemory(files, 7), { totalBytes: 1_024_000, groupBytesMax: 4096 })
  t.strictSame(readMemory(files, undefined), { totalBytes: 1_024_000, groupBytesMax: undefined })
  t.strictSame(readCores(files, 7, 8), { cores: 8, groupCores: 1.5 })
  t.strictSame(readCores(files, 8, 8), { cores: 8, groupCores: undefined })
  t.strictSame(readMemory(new HostFiles('/absent'), 7), { totalBytes: undefined, groupBytesMax: undefined })
})

t.test('a control group without bounds is none', async t => {
  const root = t.testdir({
    proc: { 7: { cgroup: '0::/\n' } },
    sys: { fs: { cgroup: { 'memory.max': 'max\n', 'cpu.max': 'max 100000\n' } } },
  })
  const files = new HostFiles(root)
  t.equal(readMemory(files, 7).groupBytesMax, undefined)
  t.equal(readCores(files, 7, 2).groupCores, undefined)
})
