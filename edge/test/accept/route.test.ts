import t from 'tap'
import { Router } from '../../accept/route.js'
import { buildSites } from '../../accept/sites.js'
import { refusals } from '../../respond/refuse.js'
import { exchangeOf, siteConfig } from '../support/exchange.js'

const sites = buildSites([siteConfig({ name: 'shop', hosts: ['shop.example', '*.shop.example'] })])

const cases: [row: string, hostField: string, host: string, refusal?: 'host' | 'unknownHost'][] = [
  ['RFC 9110 7.2 as it is', 'shop.example', 'shop.example'],
  ['RFC 9110 4.2.3 any case', 'SHOP.Example', 'shop.example'],
  ['RFC 9110 4.2.3 with a port', 'shop.example:8080', 'shop.example'],
  ['with a trailing dot', 'shop.example.', 'shop.example'],
  ['below a wildcard', 'a.shop.example', 'a.shop.example'],
  ['RFC 9110 15.5.20 no site', 'other.example', '', 'unknownHost'],
  ['RFC 9112 3.2 empty', '', '', 'host'],
  ['RFC 9112 3.2 malformed', 'a b', '', 'host'],
]
for (const [row, hostField, host, refusal] of cases) {
  t.test(`route() ${row}`, async t => {
    const router = new Router(sites)
    for (const time of ['first', 'again']) {
      const x = exchangeOf({ hostField, host: '' })
      t.equal(router.route(x), refusal === undefined ? undefined : refusals[refusal], time)
      t.equal(x.host, host, time)
      t.equal(x.site?.name, refusal === undefined ? 'shop' : undefined, time)
    }
  })
}

t.test('route() survives a flood of names', async t => {
  const router = new Router(sites)
  for (let i = 0; i < 2_500; i += 1) {
    const x = exchangeOf({ hostField: `h${i}.shop.example`, host: '' })
    if (router.route(x) !== undefined || x.host !== `h${i}.shop.example`) t.fail(`h${i}`)
  }
})
