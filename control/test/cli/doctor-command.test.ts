import t from 'tap'
import { naijctl } from '../support/cli.js'

const run = (...words: string[]) => naijctl({ url: 'http://127.0.0.1:1', token: '' }, 'doctor', ...words)

t.test('naijctl doctor exits 2 for what was typed wrong', async t => {
  t.match(await run('--config', '/absent'), {
    code: 2,
    out: '',
    err: /^naijctl: \/absent: ENOENT.*there should be the edge's configuration: say --config/,
  })
  t.match(await run('--dance'), { code: 2, err: /unknown option '--dance'/ })
  t.match(await run('further'), { code: 2, err: /too many arguments/ })
})

t.test('naijctl doctor --help says what its exit codes are', async t => {
  t.match(await run('--help'), {
    code: 0,
    out: /Exit codes: 0 nothing to change, 1 something is warn or bad, 2/,
  })
})

t.test('naijctl doctor lists what is wrong with a configuration', async t => {
  const directory = t.testdir({ 'edge.json': '{ "listen": [{ "port": 80 }], "hots": [] }', proc: {} })
  const file = `${directory}/edge.json`
  const text = await run('--config', file, '--root', directory)
  t.equal(text.code, 1)
  t.match(text.out, /^config\n {2}bad +hots +\S+edge\.json: is not a setting, expected /)
  t.match(text.out, /\n {2}note +rest +not looked at, as the configuration is bad/)
  const json = await run('--config', file, '--root', directory, '--json')
  t.equal(json.code, 1)
  t.strictSame(Object.keys(json.json()[0]), ['check', 'level', 'found', 'why', 'change'])
})

t.test('shells complete naijctl doctor', async t => {
  const { out } = await naijctl({ url: 'http://127.0.0.1:1', token: '' }, 'completion', 'bash')
  t.match(out, /"doctor"\) words="--config --root --no-disk-test"/)
})
