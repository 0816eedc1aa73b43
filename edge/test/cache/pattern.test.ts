import t from 'tap'
import { matcher } from '../../cache/pattern.js'

t.test('matcher() matches the whole text, stars any characters', async t => {
  const cases: [pattern: string, holds: string[], fails: string[]][] = [
    ['/', ['/'], ['', '/a', '//']],
    ['*', ['', '/', '/a/b'], []],
    ['/a/*', ['/a/', '/a/b/c'], ['/a', '/b/a/', '/A/b']],
    ['*.js', ['/a.js', '/.js'], ['/a.jsx', '/js']],
    ['/a*b*c', ['/abc', '/axbxc', '/abbc', '/abcbc'], ['/ac', '/acb', '/abcd', '/xabc']],
    ['/ab*ba', ['/abba', '/ab.ba'], ['/aba']],
    ['/a*bc*c', ['/abcc', '/abcbc'], ['/abc']],
    ['**/x', ['/x', '/a/x'], ['/xx']],
    ['/a.b', ['/a.b'], ['/aXb']],
    ['/(a+)+$', ['/(a+)+$'], ['/aaa']],
    ['image/*', ['image/png'], ['image', 'ximage/png']],
  ]
  for (const [pattern, holds, fails] of cases) {
    const matches = matcher(pattern)
    for (const text of holds) t.equal(matches(text), true, `${pattern} on ${text}`)
    for (const text of fails) t.equal(matches(text), false, `${pattern} not on ${text}`)
  }
})

t.test('matcher() agrees with a plain search on short texts', async t => {
  const texts = wordsOf(['a', 'b'], 5)
  for (const pattern of wordsOf(['a', 'b', '*'], 4)) {
    const matches = matcher(pattern)
    const wrong = texts.filter(text => matches(text) !== searches(pattern, text))
    t.strictSame(wrong, [], pattern)
  }
})

t.test('matcher() does not try again what failed: a long text against many stars', async t => {
  const matches = matcher(`${'*a'.repeat(120)}*b`)
  t.equal(matches('a'.repeat(65_536)), false)
  t.equal(matches(`${'a'.repeat(65_536)}b`), true)
})

function wordsOf(letters: readonly string[], lengthMax: number): string[] {
  if (lengthMax === 0) return ['']
  return ['', ...letters.flatMap(letter => wordsOf(letters, lengthMax - 1).map(word => letter + word))]
}

/** The meaning of a pattern, said plainly: each star stands for nothing, or for one character and a star. */
function searches(pattern: string, text: string): boolean {
  if (pattern === '') return text === ''
  if (pattern[0] !== '*') return pattern[0] === text[0] && searches(pattern.slice(1), text.slice(1))
  return searches(pattern.slice(1), text) || (text !== '' && searches(pattern, text.slice(1)))
}
