import t from 'tap'
import type { Subject } from '../../../cache/purges/rules.js'
import { scanSlice } from '../../../cache/purges/scan.js'
import { indexOf } from '../../support/purged-index.js'

t.test('scanSlice() shows each entry by its URL, site, fence and tags, in pieces', async t => {
  const long = `http a h/${'x'.repeat(1_500)}`
  const { databases } = await indexOf(t, [
    { key: 'http a h/one', fence: 3, tags: ['red', 'blue'] },
    { key: 'http a h\0group g', isList: true },
    { key: 'http b h:81 accept/two\ng\nvariant', fence: 4 },
    { key: 'http c h/list', isList: true },
    { key: long, fence: 5 },
  ])
  const seen: Record<string, unknown>[] = []
  const judge = ({ tags, ...subject }: Subject) => {
    seen.push({ ...subject, tags: tags() })
    return subject.site === 'b' ? undefined : ({ kind: 'gone', atMs: 1, sequence: 9 } as const)
  }
  const first = scanSlice(databases, { after: '' }, 3, judge)
  t.match(first, { seen: 3, last: long.slice(0, 900) } as never)
  const second = scanSlice(databases, { after: first.last }, 3, judge)
  t.match(second, { seen: 2, last: 'http c h/list' })
  t.strictSame(seen, [
    { site: 'a', key: 'http a h/one', isBeginning: false, fence: 3, tags: ['red', 'blue'] },
    { site: 'a', key: long.slice(0, 969), isBeginning: true, fence: 5, tags: [] },
    { site: 'b', key: 'http b h:81 accept/two', isBeginning: false, fence: 4, tags: [] },
    { site: 'c', key: 'http c h/list', isBeginning: false, fence: 0, tags: [] },
  ])
  t.strictSame(
    [...first.struck, ...second.struck].map(({ isResponse }) => isResponse),
    [true, true, false],
  )
  t.match(scanSlice(databases, { after: '', end: 'http a i' }, 9, judge), { seen: 3 })
})
