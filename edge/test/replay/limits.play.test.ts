// Heads as long as the least limit allows, and a little longer: who gives again takes none that the engine would refuse.
import t from 'tap'
import { onUws } from '../support/edge.js'
import { attackOrigin } from './support/attack-origin.js'
import { given } from './support/given.js'
import { pairOf, told, twinsOf } from './support/twins.js'

const patience = { firstMs: 2_000, quietMs: 200, limitMs: 10_000 }
const headBytesMax = 4_096

function headOf(bytes: number, lines: number): string {
  const short = `GET /plain HTTP/1.1\r\nHost: a\r\n${'X: y\r\n'.repeat(lines)}Y: \r\n\r\n`
  return short.replace('Y: ', () => `Y: ${'y'.repeat(Math.max(bytes - short.length, 0))}`)
}

t.test('no head is given an answer that is too long for the engine', onUws, async t => {
  const twins = await twinsOf(t, attackOrigin, { limits: { headBytesMax, targetBytesMax: 256 } })
  const heads = [0, 40].flatMap(lines => [-2, -1, 0, 1, 2].map(more => headOf(headBytesMax + more, lines)))
  const targets = [254, 255, 256, 257].map(bytes =>
    headOf(0, 0).replace('/plain', `/plain?${'q'.repeat(bytes - 7)}`),
  )
  const counts = [85, 88, 89, 90].map(lines => headOf(0, lines))
  for (const bytes of [...heads, ...targets, ...counts]) {
    const pair = await pairOf(twins)
    for (let turn = 0; turn < 4 && !pair.isClosed()[0]; turn += 1) {
      const difference = await told(pair, [bytes], true, patience)
      t.equal(difference, undefined, `${bytes.length} bytes, ${bytes.split('\r\n').length - 3} lines`)
      await new Promise(resolve => setTimeout(resolve, 30))
    }
    pair.end()
  }
  twins.edges[0].counters()
  t.ok(given.hits > 10, `${given.hits} given`)
})
