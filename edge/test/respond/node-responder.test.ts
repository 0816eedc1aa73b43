import t from 'tap'
import { needsAddon } from '../../../native/test/support/addon.js'
import { offeredBytesMax } from '../../respond/node-responder.js'
import { startNode } from './engines.js'
import { responderContract } from './responder-contract.js'

/** What frames a chunk. */
const frameBytes = 64

t.test('on Node, HTTP/1', needsAddon, async t =>
  responderContract(t, startNode, offeredBytesMax + frameBytes),
)
