// explain() of what varies.
import t from 'tap'
import { explaining } from '../support/explained.js'

const minute = ['Cache-Control', 'max-age=60', 'ETag', '"v"']
const play = 'url=http://play.example/'

t.test('explain() tells what variants there are and which one is selected (RFC 9111 4.1)', async t => {
  const { store, ask } = explaining(t)
  for (const coding of ['gzip', 'br']) {
    await store([...minute, 'Vary', 'Accept-Encoding'], { requestFields: ['accept-encoding', coding] })
  }
  const hit = ask(`${play}&header=Accept-Encoding:%20gzip`)
  t.equal(hit.verdict, 'fresh')
  t.match(hit.variants, { storedCount: 2, sets: [{ varyNames: ['accept-encoding'], isStored: true }] })
  t.equal(hit.variants?.selected, hit.variants?.sets[0].selects)
  t.match(hit.why[1], 'The URL is stored in 2 variants.')
  t.match(hit.why[2], /^By Accept-Encoding the request selects .*gzip;, which is stored\.$/)
  const miss = ask(`${play}&header=Accept-Encoding:%20zstd`)
  t.equal(miss.verdict, 'absent')
  t.match(miss, { entry: null, variants: { selected: null, sets: [{ isStored: false }] } })
  t.match(miss.why[2], /^By Accept-Encoding the request selects .*zstd;, which is not stored\.$/)
  t.equal(miss.why[3], 'None of the variants answers this request.')
})

t.test(
  'explain() tells of what was stored before the URL varied, and of a language that matches',
  async t => {
    const { store, ask } = explaining(t)
    await store(minute)
    await store([...minute, 'Vary', 'Accept-Language', 'Content-Language', 'de'], {
      requestFields: ['accept-language', 'de'],
    })
    const everybody = ask(`${play}&header=Accept-Language:%20fr`)
    t.match(everybody, { verdict: 'fresh', variants: { selected: '', storedCount: 2 } })
    t.ok(everybody.why.includes('One was stored before the URL varied, and answers everybody.'))
    const german = ask(`${play}&header=Accept-Language:%20de,%20fr;q=0.5`)
    t.equal(german.verdict, 'fresh')
    t.ok(german.why.some(fact => fact.startsWith('By the language that it prefers it is answered with')))
  },
)
