import t from 'tap'
import { alternatives, formatProblems, pathText, problemsOf, shown } from '../problems.js'

t.test('pathText() reads as code does', async t => {
  t.equal(pathText([]), '')
  t.equal(pathText(['sites', 0, 'origins', 1]), 'sites[0].origins[1]')
  t.equal(pathText(['a b']), '["a b"]')
  t.equal(pathText(['sites', 0, '__proto__']), 'sites[0].__proto__')
  t.equal(pathText(['cache', '']), 'cache[""]')
  t.equal(pathText(['x'.repeat(1000)]).length, 65, 'cut')
})

t.test('shown() is one short line whatever the value', async t => {
  const cases: [unknown, string][] = [
    ['a', '"a"'],
    ['a"\n\u001b\u009b\u2028\u202e\ud800', '"a\\"\\n\\u001b\\u{9b}\\u{2028}\\u{202e}\\ud800"'],
    ['x'.repeat(61), `"${'x'.repeat(60)}…"`],
    [1.5, '1.5'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [12n, '12'],
    [null, 'null'],
    [undefined, 'undefined'],
    [true, 'true'],
    [[1], 'a list'],
    [{}, 'an object'],
    [() => 1, 'a function'],
    [Symbol('s'), 'a symbol'],
  ]
  for (const [value, text] of cases) t.equal(shown(value), text)
})

t.test('alternatives() joins words', async t => {
  t.equal(alternatives([]), '')
  t.equal(alternatives(['a']), 'a')
  t.equal(alternatives(['a', 'b', 'c']), 'a, b or c')
})

t.test(
  'problemsOf() sorts by path, list positions as numbers, and keeps the first for each path',
  async t => {
    const segments = [['sites', 10], ['b'], ['sites', 9, 'x'], ['sites'], ['sites', 9], ['a'], ['sites', 'x']]
    const faults = segments.map(segments => ({ segments, message: 'first' }))
    const problems = problemsOf([...faults, { segments: ['a'], message: 'second' }])
    const paths = problems.map(({ path }) => path)
    t.strictSame(paths, ['a', 'b', 'sites', 'sites[9]', 'sites[9].x', 'sites[10]', 'sites.x'])
    t.equal(problems[0]!.message, 'first')
  },
)

t.test('formatProblems() gives one line each; the whole config is called config', async t => {
  const problems = [
    { path: '', message: 'not JSON' },
    { path: 'a.b', message: 'is missing, expected c' },
  ]
  t.equal(formatProblems(problems), 'config: not JSON\na.b: is missing, expected c')
})
