import { statfsSync } from 'node:fs'
import t from 'tap'
import { diskSpace } from '../../keep/disk.js'

t.test('diskSpace() is what the file system says', async t => {
  const directory = t.testdir()
  const { bytes, freeBytes } = await diskSpace(directory)
  const { bsize, blocks } = statfsSync(directory)
  t.equal(bytes, bsize * blocks)
  t.ok(freeBytes > 0 && freeBytes <= bytes)
  await t.rejects(diskSpace(`${directory}/none`), { code: 'ENOENT' })
})
