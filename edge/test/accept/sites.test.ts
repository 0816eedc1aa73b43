import t from 'tap'
import { buildSites } from '../../accept/sites.js'
import { siteConfig } from '../support/exchange.js'

const sites = buildSites([
  siteConfig({ name: 'exact', hosts: ['www.example', 'a.b.example'] }),
  siteConfig({ name: 'wide', hosts: ['*.example'] }),
  siteConfig({ name: 'narrow', hosts: ['*.b.example'] }),
])

const cases: [row: string, host: string, name: string | undefined][] = [
  ['an exact name', 'www.example', 'exact'],
  ['an exact name before a wildcard', 'a.b.example', 'exact'],
  ['the longest wildcard', 'c.b.example', 'narrow'],
  ['a wildcard, however deep', 'x.y.c.example', 'wide'],
  ['not the wildcard name itself', 'example', undefined],
  ['not what only ends alike', 'badexample', undefined],
  ['the wildcard of a wildcard name', 'b.example', 'wide'],
  ['nobody', 'other', undefined],
]
for (const [row, host, name] of cases) {
  t.test(`find() ${row}`, async t => t.equal(sites.find(host)?.name, name))
}

t.test('find() falls back to the default site', async t => {
  const all = buildSites([
    siteConfig({ name: 'rest', hosts: ['*'] }),
    siteConfig({ name: 'a', hosts: ['a'] }),
  ])
  t.equal(all.find('a')?.name, 'a')
  t.equal(all.find('b')?.name, 'rest')
  t.equal(all.find('[::1]')?.name, 'rest')
  t.strictSame(
    all.list.map(site => site.name),
    ['rest', 'a'],
  )
})

t.test('revision is the same for the same settings, and for no others', async t => {
  const revisionOf = (settings: Record<string, unknown>) =>
    buildSites([siteConfig(settings)]).list[0].revision
  t.equal(revisionOf({ name: 'a' }), revisionOf({ name: 'a' }))
  t.not(revisionOf({ name: 'a' }), revisionOf({ name: 'a', cache: { collapse: false } }))
})

t.test('close() resolves', async () => {
  await sites.close()
})
