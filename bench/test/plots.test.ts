import t from 'tap'
import { bars, curves } from '../plots.js'
import { caseOf } from './support/results.js'

t.test('bars() are as long as the ratios, with whiskers, and a line for what is promised', async t => {
  const item = caseOf({ edge: [8, 8], nginx: [10, 10], varnish: [4, 4] })
  const svg = bars(item, { nginx: 0.7 })
  const [first, second] = [...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(match => Number(match[1]))
  t.ok(Math.abs(second! / first! - 2.5) < 0.01, `${first} ${second}`)
  t.equal(svg.match(/var\(--bar\)/g)?.length, 1)
  t.match(svg, />0\.800</)
})

t.test('curves() rise with the time and go right with the part', async t => {
  const series = [{ name: 'a<b', points: [[0.5, 1] as const, [0.99, 10] as const] }]
  const svg = curves({ title: 'x', series })
  const [[x1, y1], [x2, y2]] = /points="([^"]+)"/
    .exec(svg)![1]!
    .split(' ')
    .map(pair => pair.split(',').map(Number)) as [[number, number], [number, number]]
  t.ok(x2 > x1 && y2 < y1, svg)
  t.match(svg, /a&#60;b/)
  for (const label of ['1 ms', '10 ms', '50%', '99%']) t.ok(svg.includes(`>${label}<`), label)
})

t.test('curves() of nothing are nothing', async t => {
  t.equal(curves({ title: 'x', series: [{ name: 'a', points: [] }] }), '')
  t.match(curves(caseOf({ edge: [8] })), /polyline/)
})
