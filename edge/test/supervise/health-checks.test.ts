import t, { type Test } from 'tap'
import { HealthChecks } from '../../supervise/health-checks.js'
import { siteConfig } from '../support/exchange.js'
import { startOrigin } from '../support/origin.js'
import { until } from '../support/supervise-until.js'

/** An origin whose answers to checks are what `state.status` says. */
async function checkedOrigin(t: Test, healthCheck: Record<string, unknown> = {}) {
  const state = { status: 200, asked: 0, host: '', isSilent: false }
  const origin = await startOrigin(t, (request, response) => {
    state.asked += 1
    state.host = `${request.method} ${request.url} ${request.headers.host}`
    if (!state.isSilent) response.writeHead(state.status).end('x'.repeat(100_000))
  })
  const said: string[] = []
  const checks = new HealthChecks(
    (site, url, isGood, reason) =>
      void said.push(`${site} ${url === origin.url} ${isGood ? 'good' : reason}`),
  )
  t.teardown(() => checks.stop())
  const given = { path: '/healthz?x', intervalMs: '100ms', timeoutMs: '200ms', ...healthCheck }
  const sites = [siteConfig({ name: 'shop', origins: [origin.url], healthCheck: given })]
  checks.follow(sites)
  return { state, said, checks, sites, origin }
}

const said = (all: string[], count: number) => until(() => (all.length >= count ? true : undefined))

t.test('an origin is down after so many failed checks, and up after so many good ones', async t => {
  const { state, said: all, origin } = await checkedOrigin(t, { goodAfter: 2, downAfter: 3 })
  await until(() => (state.asked >= 2 ? true : undefined))
  t.equal(state.host, `GET /healthz?x ${new URL(origin.url).host}`)
  t.strictSame(all, [])
  const before = state.asked
  state.status = 500
  await said(all, 1)
  t.ok(state.asked >= before + 3)
  state.status = 204
  await said(all, 2)
  t.strictSame(all, ['shop true status-500', 'shop true good'])
})

t.test('statuses and Host are the site’s to say', async t => {
  const { state, said: all } = await checkedOrigin(t, { statuses: [418], host: 'shop.example', downAfter: 1 })
  await said(all, 1)
  t.equal(state.host, 'GET /healthz?x shop.example')
  state.status = 418
  await said(all, 2)
  t.strictSame(all, ['shop true status-200', 'shop true good'])
})

t.test('one that says nothing is down in time, and so is one that is not there', async t => {
  const { state, said: all } = await checkedOrigin(t, { downAfter: 1 })
  state.isSilent = true
  await said(all, 1)
  t.match(all[0], /timeout/)
  const gone: string[] = []
  const checks = new HealthChecks((_site, _url, _isGood, reason) => void gone.push(reason))
  t.teardown(() => checks.stop())
  const healthCheck = { path: '/', intervalMs: '100ms', downAfter: 2 }
  checks.follow([siteConfig({ origins: ['http://127.0.0.1:1'], healthCheck })])
  await said(gone, 1)
  t.strictSame(gone, ['connect-refused'])
})

t.test('follow() leaves alone what stays, and ends what goes', async t => {
  const { state, checks, sites } = await checkedOrigin(t)
  await until(() => (state.asked >= 1 ? true : undefined))
  checks.follow(sites)
  await until(() => (state.asked >= 3 ? true : undefined))
  checks.stop()
  const { asked } = state
  await new Promise(resolve => setTimeout(resolve, 300))
  t.ok(state.asked <= asked + 1, 'one may have been under way')
  checks.follow([siteConfig({ origins: ['http://127.0.0.1:1'] })])
})
