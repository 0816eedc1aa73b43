// The page in a real Chromium: what an operator sees and does, on a desk and on a phone, by day and by night.
import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { usageFields } from '../../config/usage-fields.js'
import { listen } from './support/feed.js'
import { type Stage, stage } from './support/stage.js'

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
)
const needsChromium = { skip: executablePath === undefined ? 'no Chromium is installed' : false }

const config = (host: string) => ({ hosts: [host], origins: ['http://127.0.0.1:9000'] })

async function prepare(t: Test) {
  const s = await stage(t)
  await s.ask('POST', '/v1/sites', { name: 'shop', config: config('shop.example') })
  await s.ask('POST', '/v1/sites/shop/versions/1:activate', { comment: 'first' }, { 'if-match': '*' })
  await s.ask('POST', '/v1/sites/shop/versions', {})
  await s.ask('PUT', '/v1/sites/shop/versions/2', { config: config('www.shop.example') }, { 'if-match': '*' })
  const edge = await listen(t, s, 1)
  const health = {
    ...{ at: '2026-11-29T12:00:00Z', ready: true, missing: [], uptimeMs: 1, workers: 2, workerDeaths: 0 },
    ...{
      cacheBytes: 5_000_000,
      cacheEntries: 42,
      requests: 5,
      origins: [{ site: 'shop', url: 'http://o', state: 'ejected' }],
    },
  }
  await edge.ack({ position: 1, revision: 1, health })
  const counts: Record<string, number> = {
    requests: 1_234,
    bytesOut: 5_600_000,
    hit: 1_000,
    miss: 234,
    status5xx: 7,
  }
  const totals = usageFields.map(name => counts[name] ?? 0)
  const rows = [{ site: 'shop', hour: Math.floor(s.clock.nowMs / 3_600_000), totals }]
  await s.ask('POST', '/v1/edge/usage', {
    edge: edge.id,
    file: '00000000-0000-4000-8000-000000000000',
    rows,
    final: false,
  })
  return { s, edge }
}

async function open(t: Test, browser: Browser, s: Stage, options: Parameters<Browser['newPage']>[0] = {}) {
  const page = await browser.newPage(options)
  const troubles: string[] = []
  page.on('console', message => message.type() === 'error' && troubles.push(message.text()))
  page.on('pageerror', error => troubles.push(error.message))
  page.on('request', request => {
    if (!request.url().startsWith(s.url) && !request.url().startsWith('data:')) troubles.push(request.url())
  })
  t.teardown(() => page.close())
  page.setDefaultTimeout(15_000)
  await page.goto(s.url)
  return { page, troubles }
}

async function enter(page: Page, token: string): Promise<void> {
  await page.getByLabel('Token').fill(token)
  await page.getByRole('button', { name: 'Enter' }).click()
}

const figure = (page: Page, name: string) => page.locator(`[data-figure="${name}"] b`)
const isTooWide = (page: Page) => page.evaluate('document.documentElement.scrollWidth > window.innerWidth')

t.test('the page', needsChromium, async t => {
  const browser = await chromium.launch({ executablePath: executablePath!, args: ['--no-sandbox'] })
  t.teardown(() => browser.close())
  const { s, edge } = await prepare(t)
  const { page, troubles } = await open(t, browser, s)

  await t.test('wants a token', async t => {
    await enter(page, 'nce_wrong')
    await page.getByText('This is no valid token.').waitFor()
    // A refusal is one in the log of the browser too.
    troubles.length = 0
    await enter(page, s.token)
    await page.getByText('Traffic of the last 24 hours').waitFor()
    t.pass('and lets in who has one')
  })

  await t.test('shows what was counted', async t => {
    await page.waitForFunction(`document.querySelector('[data-figure="requests"] b').textContent === '1,234'`)
    t.equal(await figure(page, 'hit ratio').textContent(), '81.0%')
    t.equal(await figure(page, 'sent').textContent(), '5.6 MB')
    t.equal(await figure(page, 'errors (5xx)').textContent(), '7')
    t.equal(await page.locator('.chart canvas').count(), 4)
  })

  await t.test('shows edges and their origins', async t => {
    const edges = page.getByRole('region', { name: 'Edges' })
    await edges.getByRole('cell', { name: 'edge1' }).first().waitFor()
    t.match(await edges.textContent(), /edge1up1042, 5\.0 MB5/)
    t.match(await edges.textContent(), /http:\/\/oshopedge1ejected/)
  })

  await t.test('shows what a version changes, activates it, and goes back', async t => {
    await page.getByLabel('Site').selectOption('shop')
    const versions = page.getByRole('region', { name: 'Versions' })
    await versions.getByRole('button', { name: 'Diff' }).click()
    await versions.getByText('+ ["www.shop.example"]').waitFor()
    page.once('dialog', dialog => void dialog.accept('moved'))
    await versions.getByRole('button', { name: 'Activate' }).click()
    await versions.getByText('Version 2 is active: revision 2.').waitFor()
    page.once('dialog', dialog => void dialog.accept('back'))
    await versions.getByRole('button', { name: 'Roll back' }).click()
    await versions.getByText('Version 1 is active: revision 3.').waitFor()
    t.match((await s.ask('GET', '/v1/sites/shop')).body, { activeVersion: 1 })
    await page.getByRole('region', { name: 'Events' }).getByText('version.activated').first().waitFor()
  })

  await t.test('purges, and shows who has obeyed', async t => {
    const purge = page.getByRole('region', { name: 'Purge' })
    await purge.getByLabel('One a line').fill('https://elsewhere.example/')
    await purge.getByRole('button', { name: 'Purge' }).click()
    await purge.getByText('is not of this site').waitFor()
    troubles.length = 0
    await purge.getByLabel('One a line').fill('https://shop.example/a\nhttps://shop.example/b')
    await purge.getByRole('button', { name: 'Purge' }).click()
    const { position } = await edge.line(({ type }) => type === 'purge')
    await purge.getByText('pending').first().waitFor()
    await edge.ack({
      position,
      revision: 3,
      receipts: [{ sequence: position, state: 'applied', localSequence: 1, reasons: [] }],
    })
    await purge.getByText('applied').first().waitFor()
    t.pass('within a second')
  })

  await t.test('fits a phone, at night', async t => {
    const phone = await open(t, browser, s, { viewport: { width: 360, height: 740 }, colorScheme: 'dark' })
    await enter(phone.page, s.token)
    await phone.page
      .getByRole('region', { name: 'Edges' })
      .getByRole('cell', { name: 'edge1' })
      .first()
      .waitFor()
    await phone.page.getByLabel('Site').selectOption('shop')
    await phone.page.getByRole('region', { name: 'Purge' }).waitFor()
    t.equal(await isTooWide(phone.page), false)
    t.equal(await phone.page.evaluate('getComputedStyle(document.body).backgroundColor'), 'rgb(17, 22, 28)')
    t.strictSame(phone.troubles, [])
  })

  t.equal(await isTooWide(page), false)
  t.equal(await page.evaluate('getComputedStyle(document.body).backgroundColor'), 'rgb(246, 247, 249)')
  t.strictSame(troubles, [], 'nothing went wrong, nothing came from elsewhere')
  await page.getByRole('button', { name: 'Leave' }).click()
  await page.getByLabel('Token').waitFor()
})

t.test('what the page may load is what is here', async t => {
  const s = await stage(t)
  const response = await fetch(`${s.url}/`)
  t.equal(response.status, 200)
  t.match(response.headers.get('content-security-policy'), /^default-src 'none'; script-src 'self'/)
  for (const name of ['page.js', 'page.css']) t.equal((await fetch(`${s.url}/${name}`)).status, 200)
  t.equal((await fetch(`${s.url}/../control.json`)).status, 404)
})
