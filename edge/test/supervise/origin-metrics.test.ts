import t from 'tap'
import { originFamilies } from '../../supervise/origin-metrics.js'
import type { OriginStatus } from '../../supervise/status.js'

const origin: OriginStatus = {
  site: 'shop',
  url: 'http://a',
  weight: 1,
  backup: false,
  state: 'good',
  since: null,
  reason: null,
  requests: 0,
  failures: 0,
  retries: 0,
  active: 0,
  connections: 0,
  webSockets: 0,
}

t.test('originFamilies() says of each state whether the origin is asked', async t => {
  const states = ['good', 'returning', 'ejected', 'down'] as const
  const [good] = originFamilies(states.map(state => ({ ...origin, state, url: state })))
  const values = [...good.matchAll(/origin="(\w+)"\} (\d)/g)].map(([, state, value]) => `${state} ${value}`)
  t.strictSame(values, ['good 1', 'returning 1', 'ejected 0', 'down 0'])
})
