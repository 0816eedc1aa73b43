import t from 'tap'
import { judgeReload } from '../../supervise/reload.js'
import { configUnder } from '../support/supervise-config.js'

const declared = configUnder('/tmp/a')
const socket = { admin: { socket: declared.admin.socket } }

t.test('judgeReload() swaps when only sites differ', async t => {
  const sites = [{ name: 'second', hosts: ['*'], origins: ['http://127.0.0.1:9'] }]
  const config = configUnder('/tmp/a', { ...socket, sites })
  t.strictSame(judgeReload({ ok: true, config }, declared), { kind: 'swap', config })
})

t.test('judgeReload() names the settings that only new workers can take', async t => {
  const config = configUnder('/tmp/a', { ...socket, workers: 3, drainTimeoutMs: '5s' })
  t.strictSame(judgeReload({ ok: true, config }, declared), {
    kind: 'refused',
    reason: 'workers, drainTimeoutMs: changed outside the sites, SIGUSR2 or a restart applies that',
    problems: [],
  })
})

t.test('judgeReload() keeps what runs when the file is bad', async t => {
  t.strictSame(judgeReload({ ok: false, problems: ['x: bad'] }, declared), {
    kind: 'refused',
    reason: 'the configuration is bad',
    problems: ['x: bad'],
  })
})
