import t from 'tap'
import { hostTable } from '../../accept/host-table.js'

const items = [
  { name: 'exact', hosts: ['a.example', 'deep.b.example'] },
  { name: 'wide', hosts: ['*.b.example'] },
  { name: 'wider', hosts: ['*.example'] },
  { name: 'rest', hosts: ['*'] },
]
const cases: [host: string, expected: string][] = [
  ['a.example', 'exact'],
  ['deep.b.example', 'exact'],
  ['x.b.example', 'wide'],
  ['x.y.b.example', 'wide'],
  ['b.example', 'wider'],
  ['example', 'rest'],
  ['[::1]', 'rest'],
]
for (const [host, expected] of cases) {
  t.test(`hostTable() ${host}: ${expected}`, async t => {
    t.equal(hostTable(items, ({ hosts }) => hosts)(host)?.name, expected)
  })
}

t.test('hostTable() knows nobody for a host that none names', async t => {
  t.equal(hostTable(items.slice(0, 1), ({ hosts }) => hosts)('b.example'), undefined)
})
