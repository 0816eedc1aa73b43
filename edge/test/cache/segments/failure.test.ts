import t from 'tap'
import { storeError } from '../../../cache/commit.js'
import { explain } from '../../../cache/segments/failure.js'

t.test('explain() tells a full disk from a broken one', async t => {
  const coded = (code: string): Error => Object.assign(new Error('no'), { code })
  for (const code of ['ENOSPC', 'EDQUOT', 'EFBIG'])
    t.match(explain(coded(code)), { code: 'store-full' }, code)
  t.match(explain(null), { code: 'store-full', status: 500, source: 'edge' }, 'a write that took nothing')
  t.match(explain(coded('EIO')), { code: 'store-failed', message: /: no$/ })
  t.match(explain('odd'), { code: 'store-failed', message: /: odd$/ })
  const own = storeError('store-busy', 'x')
  t.equal(explain(own), own)
})
