import t from 'tap'
import { parseConfig } from '../../../../config/parse.js'
import {
  filesNamed,
  judgeConfig,
  judgeFiles,
  judgePaths,
  readConfigFile,
} from '../../../cli/doctor/config-file.js'

t.test('judgeConfig() lists all problems', async t => {
  const parsed = parseConfig('{ "listen": [], "hots": 1 }')
  t.match(judgeConfig({ file: 'edge.json', parsed }), [
    { check: 'config.hots', level: 'bad', found: /^edge\.json: is not a setting/ },
    { check: 'config.listen', level: 'bad' },
    { check: 'config.sites', level: 'bad' },
  ])
  t.match(judgeConfig({ file: 'edge.json', parsed: parseConfig('{') }), [
    { check: 'config.file', level: 'bad' },
  ])
})

t.test('filesNamed() and judgeFiles() look for what is named', async t => {
  const parsed = parseConfig(
    JSON.stringify({
      listen: [{ port: 80 }],
      sites: [{ hosts: ['*'], origins: ['https://a.example'], originTls: { caFile: '/absent' } }],
    }),
  )
  t.ok(parsed.ok)
  const named = parsed.ok ? filesNamed(parsed.config) : []
  t.strictSame(named, [['sites[0].originTls.caFile', '/absent']])
  t.match(judgeFiles(named), [{ check: 'config.sites[0].originTls.caFile', level: 'bad', found: /ENOENT/ }])
  t.strictSame(judgeFiles([['x', t.testdir({ a: '' }).concat('/a')]]), [])
})

t.test('judgePaths() tells where relative paths lead', async t => {
  t.strictSame(judgePaths(['/a'], '/base'), [])
  t.match(judgePaths(['/a', 'b'], '/base'), [{ level: 'note', found: 'b: taken to be below /base' }])
})

t.test('readConfigFile() throws when there is none', async t => {
  t.throws(() => readConfigFile('/absent'), { message: /say --config/ })
  const file = `${t.testdir({ 'edge.json': '{}' })}/edge.json`
  t.match(readConfigFile(file), { file, parsed: { ok: false } })
})
