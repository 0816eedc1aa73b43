// A running edge whose certificates change while clients shake hands with it again and again: on both engines, two
// workers each.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { connect } from 'node:tls'
import t, { type Test } from 'tap'
import { needsAddon } from '../../../native/test/support/addon.js'
import { keyPairs } from '../support/key-pairs.js'
import { startOrigin } from '../support/origin.js'
import { always } from '../support/play.js'
import { realMain, startEdge } from '../support/supervise-play.js'
import { until } from '../support/supervise-until.js'

/** One handshake and one request: the name that was shown. Rejects when either fails. */
function shake(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
    let text = ''
    socket.on('data', chunk => {
      text += chunk
    })
    socket.once('error', reject)
    socket.once('secureConnect', () => {
      const { CN } = socket.getPeerCertificate().subject
      socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
      socket.once('close', () => {
        if (text.endsWith('ok')) resolve(String(CN))
        else reject(new Error(`no answer: ${JSON.stringify(text)}`))
      })
    })
  })
}

async function certificateIn(t: Test) {
  const directory = mkdtempSync(`${tmpdir()}/naij-tls-`)
  t.teardown(() => rmSync(directory, { recursive: true }))
  const [first, second] = keyPairs(t)
  const files = { certFile: `${directory}/a.crt`, keyFile: `${directory}/a.key` }
  const use = (pair: { certFile: string; keyFile: string }) => {
    copyFileSync(pair.certFile, files.certFile)
    copyFileSync(pair.keyFile, files.keyFile)
  }
  use(first!)
  return {
    files,
    useOther: () => use(second!),
    useKeyOfOther: () => copyFileSync(second!.keyFile, files.keyFile),
  }
}

for (const engine of ['uws', 'node']) {
  t.test(`${engine}: a certificate is replaced without a failed handshake`, needsAddon, async t => {
    const { files, useOther, useKeyOfOther } = await certificateIn(t)
    const origin = await startOrigin(
      t,
      always(200, { 'Cache-Control': 'max-age=60', 'Content-Length': '2' }, 'ok'),
    )
    const listen = [{ address: '127.0.0.1', port: 0, engine, tls: { certificates: [files] } }]
    const sites = [{ name: 'play', hosts: ['*'], origins: [origin.url] }]
    const edge = startEdge(t, { listen, sites, workers: 2 }, realMain)
    const port = Number(/https:\/\/127\.0\.0\.1:(\d+)/.exec(await edge.ready())![1])
    t.equal(await shake(port), 'localhost')

    useKeyOfOther()
    edge.child.kill('SIGHUP')
    await edge.logged('is not the key of')
    t.equal(await shake(port), 'localhost', 'a bad pair changes nothing')

    useOther()
    edge.child.kill('SIGHUP')
    const names: string[] = []
    const failures: string[] = []
    while (names.at(-10) !== 'other.example') {
      await shake(port).then(
        name => names.push(name),
        error => failures.push(String(error)),
      )
      if (failures.length > 3) break
    }
    // The kernel resets what waits in the queue of a socket that closes, unless net.ipv4.tcp_migrate_req is 1.
    t.ok(failures.length <= 1 && failures.every(failure => failure.includes('ECONNRESET')), failures.join())
    t.equal(names[0], 'localhost')
    await until(async () => ((await edge.status()).generation === 2 ? true : undefined))
    const after = new Set(await Promise.all(Array.from({ length: 20 }, () => shake(port))))
    t.strictSame([...after], ['other.example'])
  })
}
