import t from 'tap'
import { decodeEntry } from '../../cache/entry.js'
import { prologueBytes } from '../../cache/layout.js'
import { encodeVariants, type Variant } from '../../cache/variants.js'

function variant(given: Partial<Variant>): Variant {
  return { varyNames: [], id: '', languages: '', rest: '', ...given }
}

const lists: [row: string, variants: Variant[]][] = [
  ['none', []],
  ['one', [variant({ varyNames: ['accept-encoding'], id: 'a' })]],
  ['bytes of any kind', [variant({ varyNames: ['a', 'b'], id: '\0\xff' })]],
  [
    'several Varys in the order of storing',
    [
      variant({ varyNames: ['a'], id: '1' }),
      variant({}),
      variant({ varyNames: ['a', 'b'], id: '2' }),
      variant({ varyNames: ['a'], id: '3' }),
    ],
  ],
  [
    'languages of some',
    [
      variant({ varyNames: ['accept-language'], id: '1' }),
      variant({ varyNames: ['accept-language', 'x'], id: '2', languages: 'de,en', rest: 'x:2=1;' }),
    ],
  ],
]
for (const [row, variants] of lists) {
  t.test(`decodeVariants() gives back what encodeVariants() was given: ${row}`, async t => {
    const list = { generation: 'g', variants, storedAtMs: 12.5 }
    t.strictSame(decodeEntry(encodeVariants(list)), { kind: 'variants', ...list })
  })
}

t.test('decodeVariants() lets variants with one Vary share the list of its names', async t => {
  const variants = ['1', '2'].map(id => variant({ varyNames: ['a', 'b'], id }))
  const list = decodeEntry(encodeVariants({ variants, storedAtMs: 0 }))
  if (list?.kind !== 'variants') throw new Error('no list')
  t.equal(list.variants[0].varyNames, list.variants[1].varyNames)
  t.equal(list.generation, '')
})

t.test('decodeVariants() takes a Vary that is not there for none', async t => {
  const record = encodeVariants({ variants: [variant({ varyNames: ['a'], id: '1' })], storedAtMs: 0 })
  // The byte that says which: behind the generation, which is empty, and its own length.
  record.writeUInt8(7, prologueBytes + 8)
  t.match(decodeEntry(record), { variants: [{ varyNames: [], id: '1' }] })
})
