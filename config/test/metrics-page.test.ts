import t from 'tap'
import { familiesTable, labelsTable, readFamilies } from '../metrics-page.js'

const text = `# HELP a_bytes How | much.
# TYPE a_bytes gauge
a_bytes{site="x",note="a \\"b\\", c=\\"d\\""} 1
a_bytes{site="y",note=""} 2
# HELP b_seconds How long.
# TYPE b_seconds histogram
b_seconds_bucket{le="+Inf"} 0
b_seconds_sum 0
# HELP c_total None yet.
# TYPE c_total counter
`

t.test('readFamilies() finds families and their labels', async t => {
  const families = readFamilies(text)
  t.strictSame(
    families.map(({ name, type, help }) => [name, type, help]),
    [
      ['a_bytes', 'gauge', 'How | much.'],
      ['b_seconds', 'histogram', 'How long.'],
      ['c_total', 'counter', 'None yet.'],
    ],
  )
  t.strictSame([...families[0]!.labels.keys()], ['site', 'note'])
  t.strictSame([...families[0]!.labels.get('site')!], ['x', 'y'])
  t.strictSame([...families[1]!.labels.keys()], ['le'])
  t.throws(() => readFamilies('# HELP a_b x\n# TYPE a_b gauge\nother 1\n'), /no family: other 1/)
})

t.test('familiesTable() has a row for each, with its unit', async t => {
  const lines = familiesTable(readFamilies(text), { c_total: 'pieces' }).replace(/ +/g, ' ').split('\n')
  t.strictSame(lines.slice(2), [
    '| `a_bytes` | gauge | `site`, `note` | bytes | How \\| much. |',
    '| `b_seconds` | histogram | `le` | seconds | How long. |',
    '| `c_total` | counter | | pieces | None yet. |',
  ])
})

t.test('labelsTable() wants a meaning for each label, and a label for each meaning', async t => {
  const families = readFamilies(text)
  const [site, note, le] = ['one site', 'a note', 'a bound'].map(what => ({ what }))
  const rows = labelsTable(families, { site: { ...site!, open: ['names', 'few'] }, note: note!, le: le! })
  t.match(rows.replace(/ +/g, ' '), '| `site` | one site | names | few |')
  t.match(rows.replace(/ +/g, ' '), '| `le` | a bound | `+Inf` | 1 |')
  t.throws(() => labelsTable(families, { site: site!, note: note! }), /without a meaning: le;/)
  t.throws(() => labelsTable(families, { site: site!, note: note!, le: le!, x: le! }), /without a label: x$/)
})
