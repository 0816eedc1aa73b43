import t from 'tap'
import { parseConfigValue } from '../../../../config/parse.js'
import {
  descriptorNeeds,
  judgeDescriptors,
  openFilesOf,
  readDescriptors,
} from '../../../cli/doctor/descriptors.js'
import { HostFiles } from '../../../cli/doctor/host-files.js'

const limits = `Limit                     Soft Limit           Hard Limit           Units
Max processes             63432                63432                processes
Max open files            1024                 524288               files
`

t.test('openFilesOf() is the soft limit', async t => {
  t.equal(openFilesOf(limits), 1024)
  t.equal(openFilesOf('Max open files   unlimited  unlimited files'), Number.POSITIVE_INFINITY)
  t.equal(openFilesOf('nothing'), undefined)
  t.equal(openFilesOf(undefined), undefined)
})

t.test('readDescriptors() reads those of a worker and of the host', async t => {
  const root = t.testdir({ proc: { 7: { limits }, sys: { fs: { 'file-max': '9000\n' } } } })
  const files = new HostFiles(root)
  t.strictSame(readDescriptors(files, 7), { ofWorker: 1024, ofHost: 9000 })
  t.strictSame(readDescriptors(files, undefined), { ofWorker: undefined, ofHost: 9000 })
  t.strictSame(readDescriptors(new HostFiles('/absent'), 7), { ofWorker: undefined, ofHost: undefined })
})

t.test('judgeDescriptors() holds limits against connections', async t => {
  const needs = { workers: 2, clients: 20_000, origins: 500 }
  const cases: [number | undefined, number | undefined, string, string][] = [
    [100_000, 1_000_000, 'ok', 'ok'],
    [21_000, 43_000, 'warn', 'warn'],
    [1_024, undefined, 'bad', 'note'],
    [undefined, undefined, 'note', 'note'],
  ]
  for (const [ofWorker, ofHost, first, second] of cases) {
    const levels = judgeDescriptors({ ofWorker, ofHost }, needs).map(({ level }) => level)
    t.strictSame(levels, [first, second])
  }
  const [finding] = judgeDescriptors({ ofWorker: 1_024, ofHost: undefined }, needs)
  t.match(finding?.change, /LimitNOFILE=21524 /)
})

t.test('descriptorNeeds() counts listeners, and origins up to what is under way', async t => {
  const parsed = parseConfigValue({
    listen: [
      { port: 80, connectionsMax: 100 },
      { port: 81, connectionsMax: 50 },
    ],
    limits: { exchangesMax: 300, webSocketsMax: 20 },
    sites: [{ hosts: ['*'], origins: ['http://127.0.0.1:1', 'http://127.0.0.1:2'] }],
  })
  t.strictSame(parsed.ok && descriptorNeeds(parsed.config, 3), { workers: 3, clients: 150, origins: 320 })
})
