// Fails when less than 90% of the lines, statements, functions or branches ran in the tests just run, over all files
// or, for lines, in any one file: a file nobody tests must not hide behind the others.
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'

const bar = 90
const fileBar = 75
const { total, ...files } = JSON.parse(readFileSync('.tap/report/coverage-summary.json', 'utf8'))

const failures = []
for (const kind of ['lines', 'statements', 'functions', 'branches']) {
  const { pct } = total[kind]
  console.log(`coverage: ${pct}% of ${kind}`)
  if (pct < bar) failures.push(`${kind}: ${pct}%, expected at least ${bar}%`)
}
for (const [path, { lines }] of Object.entries(files)) {
  if (!path.includes('/test/') && lines.total > 0 && lines.pct < fileBar) {
    failures.push(`${relative('.', path)}: ${lines.pct}% of its lines, expected at least ${fileBar}%`)
  }
}
for (const failure of failures) console.error(`coverage: ${failure}`)
process.exit(failures.length === 0 ? 0 : 1)
