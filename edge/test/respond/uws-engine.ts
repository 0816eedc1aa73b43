// The engine as the tests of a streamed answer start it.
import type { Test } from 'tap'
import { listen } from '../../accept/listen.js'
import type { StartEngine } from './contract-play.js'

export const startUws: StartEngine = async (t: Test, { handle, stalled }) => {
  const listening = await listen(
    { address: '127.0.0.1', port: 0 },
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
