// What CI prints at the end of a run with failures: .ci/failures.mjs, as a program over the runner's output.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { packageRoot } from '../root.js'

function failuresIn(t: Test, log: string): string {
  const file = join(t.testdir(), 'log')
  writeFileSync(file, log)
  return execFileSync(process.execPath, [join(packageRoot(), '.ci/failures.mjs'), file], { encoding: 'utf8' })
}

const passed = `
# Subtest: edge/test/a.test.ts
    # Subtest: a() holds
        ok 1 - should be equal
        not ok 2 - not yet # ${'TO'}${'DO'} later
        1..2
    ok 1 - a() holds # time=1.5ms
    1..1
    # time=2ms
ok 1 - edge/test/a.test.ts # time=2ms
`

const failed = `
# Subtest: edge/test/b.test.ts
    # Subtest: b() holds
        ok 1 - should be equal
        not ok 2 - should match pattern
          ---
          diff: |
            --- expected
            +++ actual
            not ok 7 - no test point but a part of the text
          at:
            fileName: edge/test/b.test.ts
            lineNumber: 35
          ...
        
        1..2
    not ok 1 - b() holds # time=4ms
      ---
      at:
        fileName: edge/test/b.test.ts
        lineNumber: 27
      ...
    
    not ok 2 - timeout!
    1..2
not ok 2 - edge/test/b.test.ts # time=9ms
  ---
  exitCode: 1
  ...
`

t.test('failures.mjs says nothing when nothing failed', async t => {
  t.equal(failuresIn(t, passed), '')
})

t.test('failures.mjs gives file, subtests and diagnostics of what failed, and a list at the end', async t => {
  t.equal(
    failuresIn(t, passed + failed + passed),
    `
FAILED edge/test/b.test.ts > b() holds > should match pattern (edge/test/b.test.ts:35)
  diff: |
    --- expected
    +++ actual
    not ok 7 - no test point but a part of the text
  at:
    fileName: edge/test/b.test.ts
    lineNumber: 35

FAILED edge/test/b.test.ts > timeout!

FAILED edge/test/b.test.ts > b() holds > should match pattern (edge/test/b.test.ts:35)
FAILED edge/test/b.test.ts > timeout!
`,
  )
})

t.test('failures.mjs gives what a file wrote that died before its first test', async t => {
  const died = `Error: no such module
# Subtest: edge/test/c.test.ts
    1..0 # no tests found
not ok 3 - edge/test/c.test.ts # time=2ms
  ---
  exitCode: 7
  ...
`
  t.equal(
    failuresIn(t, `words of another\n${passed}${died}`),
    `
FAILED edge/test/c.test.ts
Error: no such module
  exitCode: 7

FAILED edge/test/c.test.ts
`,
  )
})

t.test('failures.mjs keeps within the end of the output that is kept', async t => {
  const long = failed.replace('+++ actual', Array(500).fill('+++ actual').join('\n            '))
  const all = Array.from({ length: 20 }, (_, at) => long.replaceAll('b.test.ts', `${at}.test.ts`)).join('')
  const lines = failuresIn(t, all).trimEnd().split('\n')
  t.ok(lines.length <= 145, `${lines.length} lines`)
  t.match(lines[42], /^ {2}\.\.\. \d+ more lines$/, 'of one failure')
  t.match(lines.at(-1), /^FAILED edge\/test\/19\.test\.ts > timeout!$/, 'all are named')
})
