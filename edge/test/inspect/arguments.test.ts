import t from 'tap'
import { readCacheArguments } from '../../inspect/arguments.js'

const sound: [words: string, inspection: object][] = [
  ['ls', { action: 'ls', site: undefined, prefix: undefined, limit: 1_000 }],
  ['ls --site a --limit 5', { action: 'ls', site: 'a', prefix: undefined, limit: 5 }],
  [
    'ls --prefix http://a/ --limit 0',
    { action: 'ls', site: undefined, prefix: 'http://a/', limit: Infinity },
  ],
  ['get http://a/', { action: 'get', url: 'http://a/' }],
  ['stat', { action: 'stat' }],
  ['verify', { action: 'verify' }],
]
for (const [words, inspection] of sound) {
  t.test(`readCacheArguments() ${words}`, async t => {
    const read = readCacheArguments([...words.split(' '), '--config', 'f'])
    t.strictSame(read, { ok: true, file: 'f', isJson: false, inspection })
  })
}

const wrong: [words: string, message: RegExp][] = [
  ['', /^nothing to do/],
  ['rm --config f', /^rm to do, expected ls/],
  ['stat', /--config FILE is missing/],
  ['get --config f', /URL is missing/],
  ['get a b --config f', /too many words: a b/],
  ['stat now --config f', /too many words: now/],
  ['stat --site a --config f', /go with ls/],
  ['ls --limit -1 --config f', /./],
  ['ls --limit many --config f', /--limit is many/],
  ['ls --colour --config f', /colour/],
]
for (const [words, message] of wrong) {
  t.test(`readCacheArguments() refuses ${words || 'nothing'}`, async t => {
    t.match(readCacheArguments(words.split(' ').filter(Boolean)), { ok: false, message })
  })
}
