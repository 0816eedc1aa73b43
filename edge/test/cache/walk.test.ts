import t from 'tap'
import { walk } from '../../cache/walk.js'
import { indexOf } from '../support/purged-index.js'

const many = Array.from({ length: 600 }, (_, at) => `http a h/${String(at).padStart(3, '0')}`)

t.test('walk() goes through all keys, or those that begin alike, in order', async t => {
  const keys = [...many, 'http a h\0group g', 'http b h/one']
  const { databases } = await indexOf(
    t,
    keys.map(key => ({ key })),
  )
  const seen = async (start?: string) => {
    const stored: string[] = []
    for await (const walked of walk(databases, start)) {
      t.ok(walked.isSound)
      t.match(walked.entry, { kind: 'response' })
      stored.push(walked.stored)
    }
    return stored
  }
  t.strictSame(await seen(), [...many, 'http b h/one'])
  t.strictSame(await seen('http a h/1'), many.slice(100, 200))
  t.strictSame(await seen('http c'), [])
})
