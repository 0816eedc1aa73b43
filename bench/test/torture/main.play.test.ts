// The short form of `npm run torture`, and what its command line says.
import t from 'tap'
import { nativeStatus } from '../../../native/index.js'
import { runBuilt } from '../support/run.js'

const addon = nativeStatus()
const run = (...args: string[]) => runBuilt('torture/main.js', args)

t.test('some seconds of it', { skip: addon.isPresent ? false : 'the addon is not there' }, async t => {
  const { out, err, code } = await run('--seconds', '4', '--seed', '4711', '--clients', '8')
  t.match({ err, code }, { err: '', code: 0 }, out)
  t.match(out, /^seed 4711\n/)
  t.match(out, /no faults/)
})

t.test('what is not understood is said', async t => {
  t.match(await run('--seconds', 'all'), { code: 2, err: /torture: --seconds: all is not a whole number/ })
  t.match(await run('--how'), { code: 2, err: /torture: .*--how/ })
})
