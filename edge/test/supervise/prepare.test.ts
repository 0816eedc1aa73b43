import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import t from 'tap'
import { prepareFurtherGround, prepareGround } from '../../supervise/prepare.js'
import { fillIndex } from '../support/purged-index.js'
import { configUnder } from '../support/supervise-config.js'

t.test('prepareGround() makes the directories and gives concrete ports', async t => {
  const directory = t.testdir()
  const { listen, warning } = await prepareGround(configUnder(directory))
  t.ok(existsSync(`${directory}/cache`))
  t.ok(existsSync(`${directory}/run`))
  t.ok(listen[0]!.port > 0)
  t.equal(warning, undefined)
})

t.test('prepareGround() says which directory cannot be written and why', async t => {
  const directory = t.testdir({ file: 'not a directory' })
  const config = configUnder(directory, { cache: { directory: `${directory}/file/cache` } })
  await t.rejects(prepareGround(config), {
    code: 'directory',
    message: new RegExp(`cache.directory: the directory ${directory}/file/cache cannot be written: ENOTDIR`),
  })
})

t.test('prepareGround() refuses while another supervisor answers on the admin socket', async t => {
  const config = configUnder(t.testdir())
  const server = createServer().listen(config.admin.socket)
  await once(server, 'listening')
  t.teardown(() => server.close())
  await t.rejects(prepareGround(config), { code: 'already-running' })
  t.ok(existsSync(config.admin.socket))
})

t.test(
  'prepareGround() removes the socket of a killed supervisor, and nothing that is not a socket',
  async t => {
    const config = configUnder(t.testdir())
    const { socket } = config.admin
    t.teardown(() => rmSync(socket, { force: true }))
    const listener = `require('net').createServer().listen(${JSON.stringify(socket)}, () => process.kill(process.pid, 'SIGKILL'))`
    spawnSync(process.execPath, ['-e', listener])
    t.ok(existsSync(socket))
    await prepareGround(config)
    t.notOk(existsSync(socket))
    writeFileSync(socket, 'precious')
    await t.rejects(prepareGround(config), { code: 'admin-socket', message: /exists and is not a socket/ })
    t.ok(existsSync(socket))
  },
)

t.test('prepareGround() sets a damaged index aside and warns', async t => {
  const directory = t.testdir()
  const config = configUnder(directory)
  mkdirSync(`${directory}/cache/index`, { recursive: true })
  writeFileSync(`${directory}/cache/index/data.mdb`, 'torn')
  const { warning } = await prepareGround(config)
  t.match(
    warning,
    /the cache index was damaged \(.+\): moved to .*index\.damaged.*, starting with an empty cache/,
  )
  t.notOk(readdirSync(`${directory}/cache`).includes('index'))
})

t.test('prepareGround() refuses what a newer version wrote, and notes its own format', async t => {
  const directory = t.testdir()
  const config = configUnder(directory)
  await prepareGround(config)
  const file = `${directory}/cache/format.json`
  t.match(readFileSync(file, 'utf8'), /^\{"format":4\}\n$/)
  writeFileSync(file, '{"format":5}')
  await t.rejects(prepareGround(config), { code: 'cache-newer', message: /start that version, or empty/ })
  t.equal(readFileSync(file, 'utf8'), '{"format":5}')
})

t.test('prepareGround() brings an older index forward', async t => {
  const directory = t.testdir()
  const config = configUnder(directory)
  mkdirSync(`${directory}/cache`)
  await fillIndex(t, `${directory}/cache`, [{ key: 'http play a.example/' }])
  const { warning } = await prepareGround(config)
  t.match(warning, /brought forward from format 3: 0 entries, 0 could not be read/)
  t.equal((await prepareGround(config)).warning, undefined)
})

t.test('prepareFurtherGround() leaves the index of the running generation alone', async t => {
  const directory = t.testdir()
  const config = configUnder(directory)
  mkdirSync(`${directory}/cache/index`, { recursive: true })
  writeFileSync(`${directory}/cache/index/data.mdb`, 'being written')
  const used = { ...config, listen: [{ ...config.listen[0], port: 4_000 }] }
  const { listen, warning } = await prepareFurtherGround(config, config, used)
  t.equal(warning, undefined)
  t.strictSame(listen, used.listen)
  const elsewhere = configUnder(directory, { cache: { directory: `${directory}/other` } })
  mkdirSync(`${directory}/other/index`, { recursive: true })
  writeFileSync(`${directory}/other/index/data.mdb`, 'torn')
  t.match((await prepareFurtherGround(elsewhere, config, used)).warning, /damaged/)
})
