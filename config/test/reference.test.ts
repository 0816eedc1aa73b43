import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { referencePage } from '../reference.js'

t.test('referencePage() is what config/REFERENCE.md holds', async t => {
  const page = readFileSync('config/REFERENCE.md', 'utf8')
  const advice = 'regenerate: npm run build && node dist/config/reference.js > config/REFERENCE.md'
  t.equal(page, referencePage(), advice)
})

t.test('referencePage() has a row for each setting with all its cells', async t => {
  const rows = referencePage()
    .split('\n')
    .filter(line => line.startsWith('| `'))
  t.ok(rows.length > 40)
  for (const row of rows) t.equal(row.split(/(?<!\\)\|/).length, 8, row)
  const cells = rows.find(row => row.includes('listen[].port'))!.split('|')
  const why = 'The TCP port to listen on; 0 lets the system choose one, which the ready line shows.'
  const texts = cells.slice(1, -1).map(text => text.trim())
  t.strictSame(texts, ['`listen[].port`', why, 'port', 'required', '0', '65535'])
})

t.test('reference.ts prints the page when run as a program', async t => {
  const program = fileURLToPath(new URL('../reference.js', import.meta.url))
  const { stdout, status } = spawnSync(process.execPath, [program], { encoding: 'utf8' })
  t.equal(status, 0)
  t.equal(stdout, referencePage())
})
