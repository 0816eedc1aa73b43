import { readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import t from 'tap'
import { makePhotographs, PHOTOGRAPHS } from '../../demo/photographs.js'

t.test('makePhotographs() paints valid JPEGs, and reads them at the next start', async t => {
  const directory = join(t.testdir(), 'demo')
  const [photograph] = PHOTOGRAPHS
  const files = await makePhotographs(directory, [photograph!])
  t.strictSame(
    files.map(({ file }) => file),
    [`${photograph!.name}.jpg`],
  )
  const { format, width, height } = await sharp(files[0]!.bytes).metadata()
  t.strictSame({ format, width, height }, { format: 'jpeg', width: 1600, height: 1000 })
  t.strictSame(
    readdirSync(directory).filter(name => name.endsWith('.part')),
    [],
  )
  const kept = join(directory, files[0]!.file)
  writeFileSync(kept, 'kept')
  utimesSync(kept, 1_000, 1_000)
  const again = await makePhotographs(directory, [photograph!])
  t.equal(again[0]!.bytes.toString(), 'kept')
  t.equal(again[0]!.modifiedAt.getTime(), 1_000_000)
})

t.test('makePhotographs() rejects when the directory cannot be made', async t => {
  const directory = t.testdir({ file: '' })
  await t.rejects(makePhotographs(join(directory, 'file/demo')), { code: 'ENOTDIR' })
})
