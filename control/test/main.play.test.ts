// The program as an operator starts it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'

const main = fileURLToPath(new URL('../main.js', import.meta.url))

function start(t: Test, config: unknown, words?: string[]) {
  const directory = mkdtempSync(join(tmpdir(), 'naij-control-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const file = `${directory}/control.json`
  writeFileSync(
    file,
    JSON.stringify(config ?? { listen: { port: 0 }, state: { directory: `${directory}/state` } }),
  )
  const child = spawn(process.execPath, [main, ...(words ?? ['--config', file])])
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (text += chunk))
  t.teardown(() => child.kill('SIGKILL'))
  return { child, text: () => text, ended: once(child, 'exit').then(([code]) => code as number) }
}

t.test('it says where it is and where the first token lies, and ends in order', async t => {
  const { child, text, ended } = start(t, undefined)
  while (!text().includes('admin-token')) await once(child.stdout, 'data')
  const [, url] = /^naij-control ready (http:\/\/127\.0\.0\.1:\d+) pid=\d+$/m.exec(text())!
  t.equal((await fetch(`${url}/livez`)).status, 200)
  child.kill('SIGTERM')
  t.equal(await ended, 0)
})

t.test('it says what is wrong with what it was given', async t => {
  const bad = start(t, { listen: { prot: 1 }, limits: { sitesMax: 0 } })
  t.equal(await bad.ended, 1)
  t.match(
    bad.text(),
    /limits\.sitesMax: 0 is too small[\s\S]*listen\.prot: is not a setting, expected "port"/,
  )
  const absent = start(t, undefined, ['--config', '/absent/control.json'])
  t.equal(await absent.ended, 1)
  t.match(absent.text(), /^\/absent\/control\.json: cannot be read: ENOENT/)
  for (const words of [[], ['--what']]) {
    const { ended, text } = start(t, undefined, words)
    t.equal(await ended, 1)
    t.match(text(), /Usage: naij-control --config FILE/)
  }
  const taken = start(t, { listen: { address: '192.0.2.1', port: 1 }, state: { directory: '/dev/null/x' } })
  t.equal(await taken.ended, 2)
  t.match(taken.text(), /^naij-control: .*ENOTDIR/m)
})
