import t from 'tap'
import { pageOf } from '../page.js'
import { caseOf, reportOf, resultOf } from './support/results.js'

t.test('pageOf() needs no network, and holds plots, numbers, budgets and configurations', async t => {
  const item = caseOf({ edge: [8, 8], nginx: [10, 10] })
  item.peers[0]!.holdings = { memoryBytes: 5 * 2 ** 20, diskBytes: 0 }
  const histograms = [{ title: 'at 1,000 a second', series: [{ name: 'edge', points: [[0.5, 1] as const] }] }]
  const measurements = {
    'open-loop': { lines: ['p99 < 2 ms'], isKept: false, faults: ['late'], samples: [], histograms },
    mesh: { lines: [], isKept: undefined, faults: [], samples: [] },
  }
  const budgets = { hit: { '1 KB': { nginx: 0.7 } } }
  const page = pageOf(
    reportOf([resultOf(item, ['odd'])], { measurements, budgets, faults: ['no peer'], notes: ['one core'] }),
  )
  t.notMatch(page, /(src|href)=|https?:|<script/)
  t.equal(page.match(/<svg /g)?.length, 3, 'bars, and curves of both')
  for (const text of [
    '0.800 to 0.800',
    '0.7 missed',
    'odd',
    'one core',
    'no peer',
    'p99 &#60; 2 ms',
    '&#34;&#60;b&#62;&#34;',
    'MISSED',
    'late',
    'Host: a',
  ]) {
    t.ok(page.includes(text), text)
  }
})

t.test('pageOf() does without peers and without anything', async t => {
  t.match(pageOf(reportOf([resultOf(caseOf({ edge: [8] }))])), /<td>edge<\/td>/)
  t.match(pageOf(reportOf([])), /<\/html>/)
})
