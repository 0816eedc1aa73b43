// Reads what the tests just run have left (tests.mjs), and fails when less than 90% of the lines, statements, functions or branches ran, over all files
// or, for lines, in any one file: a file nobody tests must not hide behind the others. Prints the files that hold the
// numbers down; a table of all would push what matters out of CI's output.
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { Report } from 'c8'

const bar = 90
const fileBar = 75
const report = new Report({
  reporter: ['json-summary'],
  reportsDirectory: '.tap/report',
  tempDirectory: '.tap/coverage',
  // Not the product: tests and what they copied, what builds it, and packages.
  exclude: ['**/test/**', '**/node_modules/**', 'dist/suites/**', '.ci/**', '.tap/**', 'var/**'],
  excludeAfterRemap: true,
  excludeNodeModules: true,
})
await report.run()
const { total: _, ...files } = JSON.parse(readFileSync('.tap/report/coverage-summary.json', 'utf8'))

const failures = []
for (const [path, { lines }] of Object.entries(files)) {
  const name = relative('.', path)
  if (lines.total === 0 || lines.pct >= bar) continue
  console.log(`coverage: ${name}: ${lines.pct}% of its lines`)
  if (lines.pct < fileBar) failures.push(`${name}: ${lines.pct}% of its lines, expected at least ${fileBar}%`)
}
for (const kind of ['lines', 'statements', 'functions', 'branches']) {
  const pct = percent(kind)
  console.log(`coverage: ${pct}% of ${kind}`)
  if (pct < bar) failures.push(`${kind}: ${pct}%, expected at least ${bar}%`)
}
for (const failure of failures) console.error(`coverage: ${failure}`)
process.exit(failures.length === 0 ? 0 : 1)

/** Over all files, two digits. */
function percent(kind) {
  const sums = Object.values(files).reduce(
    ([total, covered], file) => [total + file[kind].total, covered + file[kind].covered],
    [0, 0],
  )
  return Math.round((sums[1] / Math.max(sums[0], 1)) * 10_000) / 100
}
