import { closeSync } from 'node:fs'
import t from 'tap'
import { writeBody } from '../../cache/place-body.js'
import { needsAddon } from '../shared/support/ground.js'
import { bodyOf, descriptors, readAll, stageOf } from './segments/support.js'

t.test('writeBody() says where it lies', needsAddon, async t => {
  const { segments } = stageOf(t)
  for (const bytes of [1, 2_000, 3_000_000]) {
    const place = await writeBody(segments, bodyOf('a', bytes))
    t.equal(place.bytes, bytes)
    t.ok((await readAll(segments, place))?.equals(bodyOf('a', bytes)))
  }
})

t.test('writeBody() rejects when it cannot be written, or nothing can for a while', needsAddon, async t => {
  const { segments, directory } = stageOf(t)
  segments.begin(1)?.abandon()
  closeSync(descriptors(directory)[0].fd)
  await t.rejects(writeBody(segments, bodyOf('a', 10)), { code: 'store-failed', source: 'edge' })
  await t.rejects(writeBody(segments, bodyOf('a', 10)), { code: 'store-busy', source: 'edge' })
})
