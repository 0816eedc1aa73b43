// The responder contract over TLS: the engine encrypts what it is given, and keeps what the kernel did not take.
import t from 'tap'
import { securePorts } from '../support/client.js'
import { keyPairs } from '../support/key-pairs.js'
import { startUws } from './engines.js'
import { responderContract } from './responder-contract.js'

responderContract(t, async (t, stage) => {
  const { port } = await startUws(t, stage, keyPairs(t))
  securePorts.add(port)
  t.teardown(() => securePorts.delete(port))
  return { port }
})
