import t from 'tap'
import { parseConfigValue } from '../../../config/parse.js'
import { readPurge } from '../../supervise/purge-request.js'

const parsed = parseConfigValue({
  listen: [{ port: 80 }],
  sites: [
    {
      name: 'one',
      hosts: ['one.example', '*.one.example'],
      origins: ['http://127.0.0.1:9'],
      optimise: { images: true },
    },
    {
      name: 'two',
      hosts: ['two.example'],
      origins: ['http://127.0.0.1:9'],
      cache: { keyFields: ['x-b', 'x-a'], query: { drop: ['utm_*'] } },
    },
  ],
})
if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
const context = { sites: parsed.config.sites, itemsMax: 3, nowMs: 77 }

const items: [row: string, kind: string, item: string, expected: string][] = [
  ['a URL', 'url', 'http://one.example/a?b', 'http one one.example/a?b'],
  ['another scheme and case', 'url', 'HTTPS://ONE.example/a', 'http one one.example/a'],
  ['the port of the scheme', 'url', 'https://one.example:443/a', 'http one one.example/a'],
  ['a port', 'url', 'https://one.example:8080/a', 'http one one.example:8080/a'],
  ['no path', 'url', 'http://one.example', 'http one one.example/'],
  ['no path, but a query', 'url', 'http://one.example?q', 'http one one.example/?q'],
  ['a fragment', 'url', 'http://one.example/a#b', 'http one one.example/a'],
  ['dots and needless escapes', 'url', 'http://one.example/x/../%61', 'http one one.example/a'],
  ['what browsers escape', 'url', 'http://one.example/é b', 'http one one.example/%C3%A9%20b'],
  ['a form of an image', 'url', 'http://one.example/a.jpg?w=3&v=1', 'http one one.example/a.jpg?v=1'],
  ['what looks like one', 'url', 'http://one.example/a?w=3', 'http one one.example/a?w=3'],
  ['a wildcard host', 'url', 'http://w.one.example/', 'http one w.one.example/'],
  [
    'the query and the fields of the site',
    'url',
    'http://two.example/?b=1&utm_x=2&a=3',
    'http two two.example x-a,x-b/?b=1&a=3',
  ],
  ['a prefix', 'prefix', 'http://one.example/dir/', 'http one one.example/dir/'],
  ['a tag', 'tag', 'red blue', 'red blue'],
  ['a tag as bytes', 'tag', 'é', '\xc3\xa9'],
]
for (const [row, kind, item, expected] of items) {
  t.test(`readPurge() ${row}`, async t => {
    const site = kind === 'tag' ? { site: 'one' } : {}
    const read = readPurge({ kind, items: [item], ...site }, context)
    if (!read.ok) throw new Error(JSON.stringify(read.problems))
    const { rules } = read.request
    t.match(rules, [{ kind, item: expected, isSoft: false, atMs: 77 }])
    t.match(rules, [{ site: expected.startsWith('http two') ? 'two' : 'one' }])
  })
}

t.test('readPurge() reads site and all, soft and dry', async t => {
  t.match(readPurge({ kind: 'site', site: 'one', soft: true }, context), {
    request: {
      site: 'one',
      isSoft: true,
      isDryRun: false,
      rules: [{ kind: 'site', site: 'one', isSoft: true }],
    },
  })
  t.match(readPurge({ kind: 'all', items: [], dryRun: true }, context), {
    request: { site: '', isDryRun: true, rules: [{ kind: 'all', site: '', item: '' }] },
  })
})

const url = 'http://one.example/'
const wrong: [row: string, body: unknown, pointers: string[]][] = [
  ['no object', [], ['']],
  ['null', null, ['']],
  ['nothing', {}, ['/kind']],
  ['another kind', { kind: 'regex' }, ['/kind']],
  ['other fields', { kind: 'all', hard: true, url: 1 }, ['/hard', '/url']],
  ['flags that are none', { kind: 'all', soft: 1, dryRun: 'yes' }, ['/soft', '/dryRun']],
  ['a site with all', { kind: 'all', site: 'one' }, ['/site']],
  ['no site for tags', { kind: 'tag', items: ['a'] }, ['/site']],
  ['an unknown site', { kind: 'site', site: 'three' }, ['/site']],
  ['items of a site', { kind: 'site', site: 'one', items: ['a'] }, ['/items']],
  ['no items', { kind: 'url' }, ['/items']],
  ['an empty list', { kind: 'url', items: [] }, ['/items']],
  ['too many', { kind: 'url', items: [url, url, url, url] }, ['/items']],
  ['what is no URL', { kind: 'url', items: [url, '/a', 1] }, ['/items/1', '/items/2']],
  ['a URL that no client may ask for', { kind: 'url', items: ['http://one.example/%zz'] }, ['/items/0']],
  ['half a character', { kind: 'url', items: ['http://one.example/\ud800'] }, ['/items/0']],
  ['a host of nobody', { kind: 'url', items: ['http://three.example/'] }, ['/items/0']],
  ['a host of another site', { kind: 'url', site: 'two', items: [url] }, ['/items/0']],
  ['a prefix with a query', { kind: 'prefix', items: [`${url}?a`] }, ['/items/0']],
  [
    'tags that are none',
    { kind: 'tag', site: 'one', items: ['', ' a', 'x'.repeat(257)] },
    ['/items/0', '/items/1', '/items/2'],
  ],
]
for (const [row, body, pointers] of wrong) {
  t.test(`readPurge() refuses ${row}`, async t => {
    const read = readPurge(body, context)
    if (read.ok) throw new Error('it was accepted')
    t.strictSame(
      read.problems.map(({ pointer }) => pointer),
      pointers,
    )
    for (const { message } of read.problems) t.match(message, /\w/)
  })
}

t.test('readPurge() names some of many sites', async t => {
  const sites = Array.from({ length: 30 }, (_, at) => ({ ...context.sites[0]!, name: `s${at}` }))
  t.match(readPurge({ kind: 'site', site: 'x' }, { ...context, sites }), {
    problems: [{ message: /s19 and others$/ }],
  })
})
