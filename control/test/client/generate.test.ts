import { readFileSync } from 'node:fs'
import t from 'tap'
import { apiTypes } from '../../client/generate.js'

t.test('the types of the client are those of the API', async t => {
  const file = new URL('../../../../control/client/paths.d.ts', import.meta.url)
  t.equal(
    await apiTypes(),
    readFileSync(file, 'utf8'),
    'node dist/control/client/generate.js > control/client/paths.d.ts',
  )
})
