// Prints every failed test of a run once more, in short: its file, its subtests, its diagnostics; then one line for
// each. CI keeps only the end of the output, and a failure in the middle of nine thousand passes is not in it.
// usage: node .ci/failures.mjs LOG, where LOG is what tests.mjs printed (TAP 14, subtests indented by four).
import { readFileSync } from 'node:fs'

/** Of one failure, of all, and of the list below: the end of the output holds some 150 lines. */
const detailLinesMax = 40
const detailsLinesMax = 90
const namesLinesMax = 50
/** What a test file wrote that died without a word of TAP. */
const wordsLinesMax = 25

const failures = readFailures(readFileSync(process.argv[2], 'utf8').split('\n'))
for (const line of report(failures)) console.log(line)

/** Failed assertions and subtests that failed for no failed part of theirs, in the order of the run. */
function readFailures(lines) {
  const found = []
  /** Names of the subtests around the line, outermost first: the outermost is a file. */
  let around = []
  let words = []
  for (let at = 0; at < lines.length; at++) {
    const subtest = /^( *)# Subtest: (.*)$/.exec(lines[at])
    if (subtest) {
      const depth = subtest[1].length / 4
      around = [...around.slice(0, depth), subtest[2]]
      continue
    }
    const point = /^( *)(not )?ok \d+(?: - (.*))?$/.exec(lines[at])
    if (!point) {
      if (!/^ *(#|\d+\.\.\d+|TAP version|$)/.test(lines[at])) words.push(lines[at])
      continue
    }
    const detail = detailAfter(lines, at, point[1])
    at += detail.length
    const depth = point[1].length / 4
    const name = (point[3] ?? '').replace(/ # time=.*$/, '')
    if (point[2] && !/ # (TODO|SKIP)\b/i.test(name)) {
      const chain = [...around.slice(0, depth), name]
      // The closing line of a subtest says nothing new when something inside failed.
      const isTold = found.some(other => chain.every((step, index) => other.chain[index] === step))
      if (!isTold) found.push({ chain, detail, words: depth === 0 ? words : [] })
    }
    if (depth === 0) words = []
  }
  return found
}

/** The diagnostics below a test point, from `---` to `...`, with these marks. */
function detailAfter(lines, at, indent) {
  if (lines[at + 1] !== `${indent}  ---`) return []
  const end = lines.indexOf(`${indent}  ...`, at + 1)
  return end < 0 ? [] : lines.slice(at + 1, end + 1)
}

function report(failures) {
  if (failures.length === 0) return []
  const details = failures.flatMap(failure => ['', `FAILED ${title(failure)}`, ...textOf(failure)])
  const names = failures.map(failure => `FAILED ${title(failure)}`)
  return [...cut(details, detailsLinesMax), '', ...cut(names, namesLinesMax)]
}

function title({ chain, detail }) {
  const [file, line] = ['fileName', 'lineNumber'].map(name => settingOf(detail, name))
  return file && line ? `${chain.join(' > ')} (${file}:${line})` : chain.join(' > ')
}

/** Of `name: value` in the diagnostics. */
function settingOf(detail, name) {
  return detail
    .map(line => line.trim().split(`${name}: `))
    .find(parts => parts.length === 2 && parts[0] === '')?.[1]
}

function textOf({ detail, words }) {
  // Empty lines and the marks carry nothing; of what the file wrote the end says why it died.
  const told = detail.slice(1, -1).filter(line => line.trim() !== '')
  return [...words.slice(-wordsLinesMax), ...cut(outdent(told), detailLinesMax)]
}

function outdent(lines) {
  const indent = Math.min(...lines.map(line => line.search(/\S/)))
  return lines.map(line => `  ${line.slice(indent)}`)
}

function cut(lines, max) {
  return lines.length <= max ? lines : [...lines.slice(0, max), `  ... ${lines.length - max} more lines`]
}
