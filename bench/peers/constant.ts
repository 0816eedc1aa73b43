// Not a proxy but the floor under one: uWebSockets.js that answers a constant, whatever is asked. What the edge takes beyond
// it is the edge's own.
import { checkoutVersion } from '../machine.js'
import { startReady } from '../ready.js'
import { packageRoot } from '../root.js'
import { siblingCommand } from '../sibling.js'
import { type Peer, type PeerContext, type PeerKind, programPeer } from './peer.js'

const READY_TIMEOUT_MS = 60_000

export const constantKind: PeerKind = {
  name: 'constant',
  tools: [],
  problem: () => undefined,
  cannot: ({ name }) => (name === 'hit' ? undefined : 'constant only knows what `hit` asks for'),
  version: () => checkoutVersion(packageRoot()),
  create: createConstant,
}

function createConstant(context: PeerContext): Peer {
  const { processes, core, originUrl } = context
  return programPeer(context, async () => {
    const command = [...siblingCommand(import.meta.url, 'constant-main'), originUrl]
    const ready = /^constant ready (\d+)$/
    const { running, match } = await startReady(processes, context.name, command, {
      core,
      ready,
      timeoutMs: READY_TIMEOUT_MS,
    })
    const configuration = 'one route for each target of `hit`; its answer is X-Cache and the body\n'
    return { running, url: `http://127.0.0.1:${match[1]}`, configuration }
  })
}
