// The engine as the tests of the responder contract start it.
import type { Test } from 'tap'
import type { CertificateConfig } from '../../../config/settings.js'
import { listen } from '../../accept/listen.js'
import type { EngineStage } from './contract-play.js'

/** With certificates it speaks TLS. */
export async function startUws(
  t: Test,
  { handle, stalled }: EngineStage,
  files: readonly Omit<CertificateConfig, 'names'>[] = [],
): Promise<{ port: number }> {
  const certificates = files.map(pair => ({ ...pair, names: [] }))
  const listening = await listen(
    { address: '127.0.0.1', port: 0, tls: { certificates } },
    {
      headBytesMax: 16_384,
      messageBytesMax: 65_536,
      stalled,
      isLogged: false,
      handle,
      onCrash: (_, error) => t.fail(`the script threw: ${error}`),
    },
  )
  t.teardown(() => listening.close())
  return { port: listening.port }
}
