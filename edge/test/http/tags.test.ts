import t from 'tap'
import { TAG_BYTES_MAX, TAGS_MAX, tagFieldNames, tagsOf } from '../../http/tags.js'
import { hostileInputs } from './random.js'

const long = 'x'.repeat(TAG_BYTES_MAX + 1)
const many = Array.from({ length: TAGS_MAX + 2 }, (_, i) => `t${i}`)

const cases: [what: string, fields: string[], expected: string[], dropped?: number][] = [
  ['none', ['Tag', 'a'], []],
  ['Cache-Tag by commas', ['Cache-Tag', 'a, b c ,,d'], ['a', 'b c', 'd']],
  ['Surrogate-Key by spaces', ['surrogate-key', ' a  b,c\td '], ['a', 'b,c', 'd']],
  ['xkey by either', ['XKey', 'a b, c,d'], ['a', 'b', 'c', 'd']],
  ['all fields and lines', ['Cache-Tag', 'a', 'xkey', 'b', 'Cache-Tag', 'c'], ['a', 'b', 'c']],
  ['each once', ['Cache-Tag', 'a,b,a', 'xkey', 'b'], ['a', 'b']],
  ['case counts', ['Cache-Tag', 'a,A'], ['a', 'A']],
  ['too long', ['Cache-Tag', `a,${long},${long.slice(1)}`], ['a', long.slice(1)], 1],
  ['too many', ['Cache-Tag', `${many.join()},t0`], many.slice(0, TAGS_MAX), 2],
]
for (const [what, fields, tags, dropped = 0] of cases) {
  t.test(`tagsOf() ${what}`, async t => t.strictSame(tagsOf(fields), { tags, dropped }))
}

t.test('tagFieldNames has the three fields in lower case', async t => {
  t.strictSame(tagFieldNames, ['cache-tag', 'surrogate-key', 'xkey'])
})

t.test('tagsOf() takes any bytes, bounded, unique and without space around', async t => {
  for (const input of hostileInputs(['a, b, c', 'a b c', many.join()], 3000)) {
    for (const name of tagFieldNames) {
      const { tags } = tagsOf([name, input])
      const isSound = tags.every(
        tag => tag !== '' && tag.length <= TAG_BYTES_MAX && !/^[ \t]|[ \t]$/.test(tag),
      )
      if (!isSound || tags.length > TAGS_MAX || new Set(tags).size !== tags.length)
        t.fail(JSON.stringify(input))
    }
  }
})
