import t from 'tap'
import type { NumberedRule } from '../../../cache/purges/rule.js'
import { needsSweep, PurgeRules, type Subject } from '../../../cache/purges/rules.js'

const base = 'http play a.example'

function ruleOf(given: Partial<NumberedRule>): NumberedRule {
  return { kind: 'all', site: 'play', item: '', isSoft: false, atMs: 1_000, sequence: 5, ...given }
}

function subjectOf(given: Partial<Subject> = {}): Subject {
  return { site: 'play', key: `${base}/dir/one`, fence: 4, tags: () => ['red', 'blue'], ...given }
}

function rulesOf(...rules: Partial<NumberedRule>[]): PurgeRules {
  const all = new PurgeRules()
  for (const rule of rules) all.add(ruleOf(rule))
  return all
}

const single: [row: string, rule: Partial<NumberedRule>, subject: Partial<Subject>, isStruck: boolean][] = [
  ['all', { kind: 'all', site: '' }, {}, true],
  ['all, of a fill that began after it', { kind: 'all', site: '' }, { fence: 5 }, false],
  ['its site', { kind: 'site' }, {}, true],
  ['another site', { kind: 'site', site: 'other' }, {}, false],
  ['its URL', { kind: 'url', item: `${base}/dir/one` }, {}, true],
  [
    'its URL under https',
    { kind: 'url', item: `${base}/dir/one` },
    { key: `https${base.slice(4)}/dir/one` },
    true,
  ],
  [
    'a prefix of its URL under https',
    { kind: 'prefix', item: `${base}/dir/` },
    { key: `https${base.slice(4)}/dir/one` },
    true,
  ],
  ['another URL', { kind: 'url', item: `${base}/dir/on` }, {}, false],
  ['a prefix of its URL', { kind: 'prefix', item: `${base}/dir/` }, {}, true],
  ['its whole URL as a prefix', { kind: 'prefix', item: `${base}/dir/one` }, {}, true],
  ['a longer prefix', { kind: 'prefix', item: `${base}/dir/one/` }, {}, false],
  ['another prefix of the same length', { kind: 'prefix', item: `${base}/din/` }, {}, false],
  ['one of its tags', { kind: 'tag', item: 'blue' }, {}, true],
  ['another tag', { kind: 'tag', item: 'blu' }, {}, false],
  ['its tag in another site', { kind: 'tag', site: 'other', item: 'blue' }, {}, false],
  ['its tag, of a fill that began after it', { kind: 'tag', item: 'blue' }, { fence: 6 }, false],
]
for (const [row, rule, subject, isStruck] of single) {
  t.test(`PurgeRules.judge() ${row}: ${isStruck ? 'struck' : 'left'}`, async t => {
    const hard = rulesOf(rule).judge(subjectOf(subject))
    t.strictSame(hard, isStruck ? { kind: 'gone', atMs: 1_000, sequence: 5 } : undefined)
    const soft = rulesOf({ ...rule, isSoft: true }).judge(subjectOf(subject))
    t.strictSame(soft, isStruck ? { kind: 'stale', atMs: 1_000, sequence: 5 } : undefined)
  })
}

t.test('PurgeRules.judge() lets the worst of several rules count', async t => {
  const url = `${base}/dir/one`
  const soft = { isSoft: true, atMs: 2_000 }
  const both = rulesOf({ kind: 'tag', item: 'red', ...soft }, { kind: 'url', item: url, sequence: 6 })
  t.match(both.judge(subjectOf()), { kind: 'gone', sequence: 6 })
  const reversed = rulesOf({ kind: 'url', item: url }, { kind: 'tag', item: 'red', ...soft, sequence: 6 })
  t.match(reversed.judge(subjectOf()), { kind: 'gone' })
  t.match(reversed.judge(subjectOf({ fence: 5 })), { kind: 'stale', atMs: 2_000, sequence: 6 })
  const twice = rulesOf(
    { kind: 'tag', item: 'red', ...soft },
    { kind: 'site', ...soft, atMs: 3_000, sequence: 6 },
  )
  t.match(twice.judge(subjectOf()), { kind: 'stale', atMs: 2_000, sequence: 6 }, 'stale since the first')
})

t.test(
  'PurgeRules.dropUntil() forgets what has done its work, and keeps what came later for the same',
  async t => {
    const url = `${base}/dir/one`
    const rules = rulesOf(
      { kind: 'url', item: url, sequence: 1 },
      { kind: 'prefix', item: `${base}/d`, sequence: 2 },
      { kind: 'site', sequence: 3 },
      { kind: 'url', item: url, sequence: 4 },
      { kind: 'tag', item: 'red', sequence: 5 },
    )
    t.equal(rules.count, 5)
    t.equal(rules.prefixCount('play'), 1)
    rules.dropUntil(3)
    t.strictSame(
      rules.all.map(({ sequence }) => sequence),
      [4, 5],
    )
    t.equal(rules.prefixCount('play'), 0)
    t.equal(rules.prefixCount('other'), 0)
    t.match(rules.judge(subjectOf({ fence: 3 })), { sequence: 5 })
    t.match(rules.judge(subjectOf({ fence: 3, tags: () => [] })), { sequence: 4 })
    rules.dropUntil(9)
    t.equal(rules.newest, 0)
    t.equal(rules.judge(subjectOf({ fence: 3 })), undefined)
  },
)

t.test('PurgeRules.mayConcern() counts any tag of the site while the tags are not known', async t => {
  const rules = rulesOf({ kind: 'tag', item: 'green' })
  t.equal(rules.mayConcern(subjectOf({ tags: () => [] })), true)
  t.equal(rules.mayConcern(subjectOf({ fence: 5 })), false)
  t.equal(rules.mayConcern(subjectOf({ site: 'other' })), false)
  t.equal(rulesOf({ kind: 'url', item: 'x' }).mayConcern(subjectOf()), false)
  t.equal(rulesOf({ kind: 'site' }).mayConcern(subjectOf()), true)
})

t.test('PurgeRules.judge() takes nothing for usable while the rules cannot be read', async t => {
  const rules = rulesOf({ kind: 'url', item: 'x' })
  rules.blind(true)
  t.match(rules.judge(subjectOf({ fence: 1_000 })), { kind: 'gone' })
  rules.blind(false)
  t.equal(rules.newest, 5)
  t.equal(rules.judge(subjectOf({ fence: 1_000 })), undefined)
})

t.test('a long URL is judged by its beginning when no more is known', async t => {
  const long = `${base}/${'x'.repeat(2_000)}`
  t.equal(needsSweep(ruleOf({ kind: 'url', item: long })), true)
  t.equal(needsSweep(ruleOf({ kind: 'url', item: base })), false)
  t.equal(needsSweep(ruleOf({ kind: 'tag', item: 'red' })), true)
  const beginning = subjectOf({ key: long.slice(0, 969), isBeginning: true })
  t.match(rulesOf({ kind: 'url', item: long }).judge(beginning), { kind: 'gone', sequence: 5 })
  t.match(rulesOf({ kind: 'prefix', item: long.slice(0, 1_000) }).judge(beginning), { kind: 'gone' })
  t.match(rulesOf({ kind: 'prefix', item: long.slice(0, 500) }).judge(beginning), { kind: 'gone' })
  t.equal(rulesOf({ kind: 'url', item: `${base}/short` }).judge(beginning), undefined)
})
