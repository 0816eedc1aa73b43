// The unit that leaves the metrics to node_exporter: its commands, against a socket that answers as the edge does.
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { fullStatus } from '../../supervise/full-status.js'
import { metricsType, renderMetrics } from '../../supervise/metrics.js'
import { root } from '../support/root.js'

const run = promisify(execFile)
const unit = readFileSync(join(root, 'systemd/naijcloud-edge-metrics.service'), 'utf8')
const socketOfEdge = '/run/naijcloud-edge/edge.sock'

/** Words of its commands, as they are at `directory`. */
function commandsAt(directory: string): string[][] {
  const lines = [...unit.matchAll(/^ExecStart=(.*)$/gm)].map(([, line]) => line!)
  return lines.map(line =>
    line
      .split(' ')
      .map(word => word.replace(socketOfEdge, join(directory, 'edge.sock')).replace('%S', directory)),
  )
}

const needsCurl = {
  skip: await run('/usr/bin/curl', ['--version']).then(
    () => false as const,
    () => 'no curl is installed',
  ),
}

t.test('what the edge says is in the file, whole, or what it said before', needsCurl, async t => {
  // The path of a socket has to be short.
  const directory = mkdtempSync(join(tmpdir(), 'naij-metrics-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  const files = join(directory, 'naijcloud-edge-metrics')
  mkdirSync(files)
  const text = renderMetrics(fullStatus())
  let ends = 'whole'
  const server = createServer((request, response) => {
    t.equal(request.url, '/metrics')
    const length = Buffer.byteLength(text)
    response.writeHead(ends === 'refused' ? 503 : 200, {
      'content-type': metricsType,
      'content-length': length,
    })
    if (ends === 'broken off') response.write(text.slice(0, 100), () => response.destroy())
    else response.end(text)
  })
  await new Promise<void>(resolve => server.listen(join(directory, 'edge.sock'), resolve))
  t.teardown(() => server.close())
  const [fetch, move] = commandsAt(directory)
  const start = async ([program, ...words]: string[]) => run(program!, words)
  await start(fetch!)
  t.notOk(
    readdirSync(files).some(name => name.endsWith('.prom')),
    'the collector takes nothing that is not whole',
  )
  await start(move!)
  t.strictSame(readdirSync(files), ['naijcloud-edge.prom'])
  for (ends of ['refused', 'broken off']) await t.rejects(start(fetch!), ends)
  t.equal(readFileSync(join(files, 'naijcloud-edge.prom'), 'utf8'), text)
})

t.test('it runs as the edge does, and reads the socket that alerts speak of', async t => {
  t.match(unit, /^User=naijcloud-edge$/m)
  t.match(unit, new RegExp(`^ConditionPathExists=${socketOfEdge}$`, 'm'))
  const alerts = readFileSync(join(root, 'systemd/prometheus/alerts.yml'), 'utf8')
  for (const [path] of alerts.matchAll(/\/run\/\S+/g)) t.equal(path, socketOfEdge)
})
