import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { parseControl } from '../../config/control.js'
import { startControl } from '../start.js'

t.test('a first token that could not be written is made at the next start', async t => {
  const directory = mkdtempSync(join(tmpdir(), 'naij-control-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const parsed = parseControl(JSON.stringify({ listen: { port: 0 }, state: { directory } }))
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  // Something that is no file is in its place.
  mkdirSync(`${directory}/admin-token/x`, { recursive: true })
  await t.rejects(startControl(parsed.config, '1'))
  rmSync(`${directory}/admin-token`, { recursive: true })
  chmodSync(directory, 0o700)
  const control = await startControl(parsed.config, '1')
  t.match(readFileSync(control.tokenFile!, 'utf8'), /^nce_/)
  await control.close()
})
