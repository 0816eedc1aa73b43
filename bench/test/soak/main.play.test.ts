// The short form of `npm run soak`, and what its command line says.
import t from 'tap'
import { nativeStatus } from '../../../native/index.js'
import { runBuilt } from '../support/run.js'

const addon = nativeStatus()
const run = (...args: string[]) => runBuilt('soak/main.js', args)

t.test('some seconds of it', { skip: addon.isPresent ? false : 'the addon is not there' }, async t => {
  const { out, err, code } = await run('--seconds', '4', '--seed', '4712', '--clients', '8', '--between', '2')
  t.match({ err, code }, { err: '', code: 0 }, out)
  t.match(out, /^seed 4712, 4 seconds\n/)
  t.match(out, /anonymous memory, MiB: too short a time to judge/)
  t.match(out, /no faults\n$/)
})

t.test('what is not understood is said', async t => {
  t.match(await run('--seconds', 'all'), { code: 2, err: /soak: --seconds: all is not a whole number/ })
  t.match(await run('--how'), { code: 2, err: /soak: .*--how/ })
})
