import t from 'tap'
import { makeReady, type PeerKind } from '../../peers/peer.js'

const kind: PeerKind = {
  name: 'some',
  tools: [],
  problem: () => undefined,
  version: () => '1',
  create: () => {
    throw new Error('not created')
  },
}

t.test('makeReady() is content with what is there', async t => {
  const ready = makeReady([kind], [{ program: 'sh', debianPackage: 'dash' }], true)
  t.strictSame(ready, { kinds: [kind], faults: [] })
})

t.test('makeReady() leaves out what is missing, and says so', async t => {
  const broken = { ...kind, name: 'broken', problem: () => 'not built' }
  const absent = { ...kind, name: 'absent', tools: [{ program: 'absent-program', debianPackage: 'absent' }] }
  const { kinds, faults } = makeReady([kind, broken, absent], [], false)
  t.strictSame(kinds, [kind])
  t.match(faults, [
    /^broken is left out: not built$/,
    /^absent is left out: absent-program is not installed\..*--install/,
  ])
})

t.test('makeReady() does not go on without the first, or without a tool', async t => {
  const broken = { ...kind, problem: () => 'not built' }
  t.throws(() => makeReady([broken, kind], [], false), { message: 'not built', exitCode: 2 })
  const tool = { program: 'absent-program', debianPackage: 'absent' }
  t.throws(() => makeReady([kind], [tool], false), {
    message: /^absent-program is not installed\..*--install/,
  })
})
