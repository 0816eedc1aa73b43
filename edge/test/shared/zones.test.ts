import { existsSync, mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { map, unmap } from '../../../native/index.js'
import { layoutOf } from '../../shared/layout.js'
import { ownerMax } from '../../shared/slot-word.js'
import { readBootId, takeOwner } from '../../shared/zones.js'
import { groundOf, hashOf, leadOf, needsAddon, runDirectoryOf } from './support/ground.js'

const bootId = readBootId()
const otherBootId = '0123456789abcdef0123456789abcdef'
const layout = layoutOf(64)
const zones = `zones-${layout.name}-${bootId}`

t.test('readBootId() is 32 digits', async t => {
  t.match(bootId, /^[0-9a-f]{32}$/)
})

t.test('the first makes a file of exact length, and owners count from 1', needsAddon, async t => {
  const directory = runDirectoryOf(t)
  const a = groundOf(t, directory)
  t.strictSame(readdirSync(directory).sort(), ['ground.lock', zones])
  t.equal(a.owner, 1)
  t.equal(groundOf(t, directory).owner, 2)
})

t.test(
  'who comes when all are gone finds no fill, and goes on with the numbers and the counts',
  needsAddon,
  async t => {
    const directory = runDirectoryOf(t)
    const a = groundOf(t, directory)
    const fill = leadOf(a.fills.claim(hashOf(1), 0))
    a.fills.publish(fill, { segment: 1, offset: 1, total: 1 })
    a.close()
    const b = groundOf(t, directory)
    t.equal(b.owner, 2)
    t.equal(b.fills.census().free, 64)
    t.equal(b.fills.read(fill), undefined)
    t.equal(b.owners().size, 0)
    t.equal(b.counters.sums().fillsLed, 1)
  },
)

t.test('who comes beside others leaves their fills alone', needsAddon, async t => {
  const directory = runDirectoryOf(t)
  const a = groundOf(t, directory)
  leadOf(a.fills.claim(hashOf(1), 0))
  t.equal(groundOf(t, directory).fills.claim(hashOf(1), 0).kind, 'follow')
})

t.test(
  'zones of other boots and unused ones of other layouts are removed, nothing else',
  needsAddon,
  async t => {
    const directory = runDirectoryOf(t)
    const used = groundOf(t, directory, { slots: 128 })
    const unused = groundOf(t, directory, { slots: 32 })
    unused.close()
    writeFileSync(join(directory, `zones-${layout.name}-${otherBootId}`), 'old')
    writeFileSync(join(directory, `zones-deadbeef-${otherBootId}`), '')
    for (const name of ['zones-x', 'zonesold', 'edge.sock']) writeFileSync(join(directory, name), '')
    groundOf(t, directory)
    t.strictSame(
      readdirSync(directory).sort(),
      ['edge.sock', 'ground.lock', zones, `zones-${used.group}-${bootId}`, 'zones-x', 'zonesold'].sort(),
    )
  },
)

t.test('what another boot left is removed', needsAddon, async t => {
  const directory = runDirectoryOf(t)
  const old = groundOf(t, directory, { bootId: otherBootId })
  old.close()
  groundOf(t, directory)
  t.notOk(existsSync(join(directory, `zones-${old.group}-${otherBootId}`)))
})

/** What may lie there instead of a file that can be used. */
const damages: Record<string, (path: string) => void> = {
  empty: path => writeFileSync(path, ''),
  short: path => truncateSync(path, 100),
  long: path => truncateSync(path, layout.bytes + 4096),
  garbage: path => writeFileSync(path, Buffer.alloc(layout.bytes, 0xa5)),
  'sparse zeros': path => {
    truncateSync(path, 0)
    truncateSync(path, layout.bytes)
  },
  'not initialised': path => {
    const buffer = map(path, layout.bytes)
    new Uint8Array(buffer, 0, 64).fill(0)
    unmap(buffer)
  },
}

for (const [name, damage] of Object.entries(damages)) {
  t.test(`a file that is ${name} is replaced when nobody uses it`, needsAddon, async t => {
    const directory = runDirectoryOf(t)
    groundOf(t, directory).close()
    damage(join(directory, zones))
    const [a, b] = [groundOf(t, directory), groundOf(t, directory)]
    t.equal(a.fills.census().free, 64)
    leadOf(a.fills.claim(hashOf(1), 0))
    t.equal(b.fills.claim(hashOf(1), 0).kind, 'follow')
  })
}

t.test('a file that others use and that cannot be used stays, and is told', needsAddon, async t => {
  const directory = runDirectoryOf(t)
  groundOf(t, directory)
  const buffer = map(join(directory, zones), layout.bytes)
  const first = new BigUint64Array(buffer, 0, 1)
  const magic = first[0]
  first[0] = 1n
  t.throws(() => groundOf(t, directory), {
    code: 'ground-damaged',
    source: 'edge',
    message: new RegExp(`^run.directory: .*${zones} is damaged and in use: its first bytes are wrong$`),
  })
  first[0] = magic
  unmap(buffer)
  t.equal(groundOf(t, directory).fills.census().free, 64, 'nothing is held by those who failed')
  const used = groundOf(t, directory, { slots: 128 })
  truncateSync(join(directory, `zones-${used.group}-${bootId}`), layoutOf(128).bytes + 1)
  t.throws(() => groundOf(t, directory, { slots: 128 }), { code: 'ground-damaged' }, 'of another length')
})

t.test('a directory in the place of a file is told', needsAddon, async t => {
  const directory = runDirectoryOf(t)
  mkdirSync(join(directory, zones))
  t.throws(() => groundOf(t, directory), { code: 'ground', message: /^run\.directory: no shared memory in / })
})

t.test('takeOwner() throws when the numbers are used up', async t => {
  const buffer = new ArrayBuffer(layout.bytes)
  const next = new Int32Array(buffer, layout.header.offset + layout.header.at.nextOwner, 1)
  next[0] = ownerMax
  t.equal(takeOwner(buffer, layout), ownerMax)
  t.throws(() => takeOwner(buffer, layout), { code: 'ground' })
  next[0] = 2 ** 31 - 1
  t.throws(() => takeOwner(buffer, layout), { code: 'ground' })
  t.throws(() => takeOwner(buffer, layout), { code: 'ground' }, 'nor when they wrapped')
})
