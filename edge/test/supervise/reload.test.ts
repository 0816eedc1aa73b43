import t from 'tap'
import type { EdgeConfig } from '../../../config/settings.js'
import { judgeReload } from '../../supervise/reload.js'
import { configUnder } from '../support/supervise-config.js'

const declared = configUnder('/tmp/a')
const loadedOf = (config: EdgeConfig, keyDigest = 'a') =>
  ({ ok: true, config, keyDigest, remarks: [], text: '', textDigest: '' }) as const
const socket = { admin: { socket: declared.admin.socket } }

t.test('judgeReload() swaps when only sites differ', async t => {
  const sites = [{ name: 'second', hosts: ['*'], origins: ['http://127.0.0.1:9'] }]
  const config = configUnder('/tmp/a', { ...socket, sites })
  const loaded = loadedOf(config)
  t.strictSame(judgeReload(loaded, loadedOf(declared)), { kind: 'swap', loaded })
})

t.test('judgeReload() asks for new workers when certificates are others', async t => {
  t.strictSame(judgeReload(loadedOf(declared, 'b'), loadedOf(declared)), { kind: 'renew' })
  const sites = [{ name: 'second', hosts: ['*'], origins: ['http://127.0.0.1:9'] }]
  const config = configUnder('/tmp/a', { ...socket, sites })
  t.strictSame(
    judgeReload(loadedOf(config, 'b'), loadedOf(declared)),
    { kind: 'renew' },
    'sites come with them',
  )
})

t.test('judgeReload() names the settings that only new workers can take', async t => {
  const config = configUnder('/tmp/a', { ...socket, workers: 3, drainTimeoutMs: '5s' })
  t.strictSame(judgeReload(loadedOf(config), loadedOf(declared)), {
    kind: 'refused',
    reason: 'workers, drainTimeoutMs: changed outside the sites, SIGUSR2 or a restart applies that',
    problems: [],
  })
})

t.test('judgeReload() keeps what runs when the file is bad', async t => {
  t.strictSame(judgeReload({ ok: false, problems: ['x: bad'] }, loadedOf(declared)), {
    kind: 'refused',
    reason: 'the configuration is bad',
    problems: ['x: bad'],
  })
})
