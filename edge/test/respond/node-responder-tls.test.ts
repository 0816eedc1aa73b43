import t from 'tap'
import { needsAddon } from '../../../native/test/support/addon.js'
import { offeredBytesMax } from '../../respond/node-responder.js'
import { securePorts } from '../support/client.js'
import { keyPairs } from '../support/key-pairs.js'
import { startNode } from './engines.js'
import { responderContract } from './responder-contract.js'

/** What frames a chunk. */
const frameBytes = 64

t.test('on Node, HTTP/1 over TLS', needsAddon, async t => {
  const start: typeof startNode = async (t, stage) => {
    const { port } = await startNode(t, stage, keyPairs(t))
    securePorts.add(port)
    t.teardown(() => securePorts.delete(port))
    return { port }
  }
  responderContract(t, start, offeredBytesMax + frameBytes)
})
