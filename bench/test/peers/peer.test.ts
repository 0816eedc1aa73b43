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
  makeReady([kind], [{ program: 'sh', debianPackage: 'dash' }], true)
  t.pass('no Problem')
})

t.test('makeReady() says what is missing', async t => {
  const broken = { ...kind, problem: () => 'not built' }
  t.throws(() => makeReady([kind, broken, broken], [], false), { message: 'not built', exitCode: 2 })
  const absent = { ...kind, tools: [{ program: 'absent-program', debianPackage: 'absent' }] }
  t.throws(() => makeReady([absent], [], false), { message: /^absent-program is not installed\..*--install/ })
})
