import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { request } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
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

t.test('the first token is there when control listens, and not before', async t => {
  const directory = mkdtempSync(join(tmpdir(), 'naij-control-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const other = createServer()
  await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as AddressInfo
  const parsed = parseControl(JSON.stringify({ listen: { port }, state: { directory } }))
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  await t.rejects(startControl(parsed.config, '1'), { code: 'EADDRINUSE' })
  t.notOk(existsSync(`${directory}/admin-token`), 'who waits for it goes on at once')
  await new Promise(resolve => other.close(resolve))
  const control = await startControl(parsed.config, '1')
  t.ok(existsSync(`${directory}/admin-token`))
  await control.close()
})

function statusOver(socketPath: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path: '/v1/health' }, answer => {
      answer.resume()
      resolve(answer.statusCode)
    })
    asked.once('error', reject).end()
  })
}

t.test('the same over a unix socket, and what stands in its place', async t => {
  const directory = mkdtempSync(join(tmpdir(), 'naij-control-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const socket = `${directory}/run/control.sock`
  const parsed = parseControl(
    JSON.stringify({ listen: { port: 0, socket }, state: { directory: `${directory}/state` } }),
  )
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const control = await startControl(parsed.config, '1')
  t.type(await statusOver(socket), 'number')
  t.equal(statSync(socket).mode & 0o777, 0o660)
  await control.close()
  await t.rejects(statusOver(socket))
  writeFileSync(socket, '')
  const { port } = new URL(control.url)
  const again = { ...parsed.config, listen: { ...parsed.config.listen, port: Number(port) } }
  await t.rejects(startControl(again, '1'), { message: /exists and is not a socket/ })
  await t.rejects(fetch(control.url), 'nothing is left open')
  rmSync(socket)
  const other = createServer()
  await new Promise<void>(resolve => other.listen(socket, resolve))
  await t.rejects(startControl(parsed.config, '1'), { message: /another naij-control answers/ })
  await new Promise(resolve => other.close(resolve))
  await (await startControl(parsed.config, '1')).close()
})
