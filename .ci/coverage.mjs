// Fails when less than 90% of the lines, statements, functions or branches ran in the tests just run, over all files
// or, for lines, in any one file: a file nobody tests must not hide behind the others. Prints the files that hold the
// numbers down; a table of all would push what matters out of CI's output.
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'

const bar = 90
const fileBar = 75
const { total: _, ...all } = JSON.parse(readFileSync('.tap/report/coverage-summary.json', 'utf8'))
/** Of the product: a test that starts something elsewhere may bring packages into the report, or what builds it. */
const files = Object.fromEntries(
  Object.entries(all).filter(([path]) => !/(^|\/)(node_modules|\.ci)\//.test(path)),
)

const failures = []
for (const [path, { lines }] of Object.entries(files)) {
  const name = relative('.', path)
  // Tests, and what they copied, are not the product.
  if (/(^|\/)(test|\.tap)\//.test(name) || lines.total === 0 || lines.pct >= bar) continue
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
