import t from 'tap'
import { diffProcessSettings } from '../diff.js'
import { formatProblems, parseConfigValue } from '../parse.js'
import type { EdgeConfig } from '../settings.js'
import { smallest } from './support.js'

t.test('diffProcessSettings() names what differs outside the sites', async t => {
  const cases: [Record<string, unknown>, string[]][] = [
    [{}, []],
    [{ sites: [{ hosts: ['b'], origins: ['http://c'] }] }, []],
    [{ workers: 3 }, ['workers']],
    [{ cache: { bytesMax: '2GiB' }, loopMax: 4 }, ['cache.bytesMax', 'loopMax']],
    [{ cache: { directory: '/c' } }, ['cache.directory', 'run.directory', 'state.directory', 'admin.socket']],
    [{ listen: [{ port: 1 }] }, ['listen[0].port']],
    [{ listen: [{ port: 8080, address: '::1' }] }, ['listen[0].address']],
    [{ listen: [{ port: 8080 }, { port: 2 }] }, ['listen']],
    [{ drainTimeoutMs: '30000ms' }, []],
  ]
  for (const [more, paths] of cases) {
    t.strictSame(diffProcessSettings(config(), config(more)), paths, JSON.stringify(more))
    t.same(diffProcessSettings(config(more), config()), paths, 'the other way round')
  }
})

function config(more: Record<string, unknown> = {}): EdgeConfig {
  const result = parseConfigValue({ ...smallest, ...more })
  if (!result.ok) throw new Error(formatProblems(result.problems))
  return result.config
}
