// The engines as the tests of the responder contract start them.
import type { Test } from 'tap'
import type { CertificateConfig } from '../../../config/settings.js'
import { type Listening, type ListenOptions, type ListenWhere, listen } from '../../accept/listen.js'
import { listenByNode } from '../../accept/listen-node.js'
import type { EngineStage } from './contract-play.js'

type Files = readonly Omit<CertificateConfig, 'names'>[]
type Listen = (where: ListenWhere, options: ListenOptions) => Promise<Listening>

/** With certificates they speak TLS. */
export function startUws(t: Test, stage: EngineStage, files: Files = []): Promise<{ port: number }> {
  return start(t, stage, files, listen)
}

export function startNode(t: Test, stage: EngineStage, files: Files = []): Promise<{ port: number }> {
  return start(t, stage, files, listenByNode)
}

async function start(t: Test, { handle, stalled }: EngineStage, files: Files, listenHere: Listen) {
  const certificates = files.map(pair => ({ ...pair, names: [] }))
  const listening = await listenHere(
    { address: '127.0.0.1', port: 0, tls: { certificates } },
    {
      headBytesMax: 16_384,
      messageBytesMax: 65_536,
      stalled,
      counters: {
        connections: 0,
        connectionsRefused: 0,
        addressesRefused: 0,
        connectionsShed: 0,
        proxyHeadersRefused: 0,
      },
      isShut: () => false,
      onRefused: () => {},
      isLogged: false,
      handle,
      onCrash: (_, error) => t.fail(`the script threw: ${error}`),
    },
  )
  t.teardown(() => listening.close())
  return { port: listening.port }
}
