// Small programs that stand in for those the bench runs: written into a test's own directory, put first in PATH.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Writes an executable; `text` goes behind the line that names its interpreter. Gives its path. */
export function writeProgram(directory: string, name: string, interpreter: string, text: string): string {
  mkdirSync(directory, { recursive: true })
  // Programs without an extension would otherwise be read as what the package above is.
  writeFileSync(join(directory, 'package.json'), '{ "type": "commonjs", "version": "9.9.9" }')
  const file = join(directory, name)
  writeFileSync(file, `#!${interpreter}\n${text}`)
  chmodSync(file, 0o755)
  return file
}

export function pathWith(directory: string): string {
  return [directory, process.env.PATH ?? ''].join(delimiter)
}

/** What wrk prints, with or without failures. */
export function wrkText(failures = false, requestsPerSecond = 30_169.55): string {
  const lines = [
    'Running 1s test @ http://127.0.0.1:1/hit/1024',
    '  1 threads and 64 connections',
    '  Thread Stats   Avg      Stdev     Max   +/- Stdev',
    '    Latency     2.13ms    1.01ms  20.01ms   90.11%',
    '    Req/Sec    30.11k     1.01k   32.00k    70.00%',
    '  30170 requests in 1.00s, 37.92MB read',
    ...(failures
      ? ['  Socket errors: connect 1, read 2, write 3, timeout 4', '  Non-2xx or 3xx responses: 5']
      : []),
    `Requests/sec:  ${requestsPerSecond.toFixed(2)}`,
    'Transfer/sec:     37.92MB',
    'latency ms p50 1.500 p99 4.250 p99.9 9.000 max 20.010',
  ]
  return `${lines.join('\n')}\n`
}

/** A wrk that prints its result at once, or one that runs until it is ended. */
export function writeWrk(
  directory: string,
  kind: 'quick' | 'failing' | 'endless' = 'quick',
  requestsPerSecond?: number,
): string {
  const result =
    kind === 'endless'
      ? 'exec sleep 60'
      : `cat <<'END'\n${wrkText(kind === 'failing', requestsPerSecond)}END\n`
  const text = `if [ "$1" = -v ]; then echo "wrk 9.9 stand-in"; exit 1; fi\n${result}\n`
  return writeProgram(directory, 'wrk', '/bin/sh', text)
}

/** The part that both proxies share: hands every GET on to the origin, and calls the second for a target a hit but under /miss. */
const PROXY = `
const http = require('node:http')
function proxy(port, origin, hit, ready) {
  const seen = new Set()
  http.createServer((request, response) => {
    http.get(origin + request.url, { agent: false }, answer => {
      const chunks = []
      answer.on('data', chunk => chunks.push(chunk))
      answer.on('end', () => {
        const isHit = !request.url.startsWith('/miss/') && seen.has(request.url)
        seen.add(request.url)
        const body = Buffer.concat(chunks)
        response.writeHead(answer.statusCode, { ...(isHit ? hit : {}), 'Content-Length': body.length })
        response.end(body)
      })
    })
  }).listen(port, '127.0.0.1', ready)
  process.on('SIGTERM', () => process.exit(0))
}
`

/** An nginx that reads from nginx.conf what it must know. */
export function writeNginx(directory: string): string {
  const text = `${PROXY}
if (process.argv[2] === '-v') { console.error('nginx version: nginx/9.9'); process.exit(0) }
const text = require('node:fs').readFileSync(process.argv[3] + '/nginx.conf', 'utf8')
const origin = /server (127\\.0\\.0\\.1:\\d+);/.exec(text)[1]
proxy(Number(/listen 127\\.0\\.0\\.1:(\\d+)/.exec(text)[1]), 'http://' + origin, { 'X-Cache': 'HIT' })
`
  return writeProgram(directory, 'nginx', process.execPath, text)
}

/** An HAProxy that reads from haproxy.cfg what it must know. */
export function writeHaproxy(directory: string): string {
  const text = `${PROXY}
if (process.argv[2] === '-v') { console.log('HAProxy version 9.9'); process.exit(0) }
const text = require('node:fs').readFileSync(process.argv[process.argv.indexOf('-f') + 1], 'utf8')
const origin = /server origin0 (127\\.0\\.0\\.1:\\d+)/.exec(text)[1]
proxy(Number(/bind 127\\.0\\.0\\.1:(\\d+)/.exec(text)[1]), 'http://' + origin, { 'X-Cache': 'HIT' })
`
  return writeProgram(directory, 'haproxy', process.execPath, text)
}

/** A Varnish that reads from its VCL and its arguments what it must know. */
export function writeVarnish(directory: string): string {
  const text = `${PROXY}
if (process.argv[2] === '-V') { console.error('varnishd (varnish-9.9)'); process.exit(0) }
const after = flag => process.argv[process.argv.indexOf(flag) + 1]
const text = require('node:fs').readFileSync(after('-f'), 'utf8')
const [, port] = /host = "127.0.0.1"; .port = "(\\d+)"/.exec(text)
proxy(Number(after('-a').split(':')[1]), 'http://127.0.0.1:' + port, { 'X-Cache': 'HIT' })
`
  return writeProgram(directory, 'varnishd', process.execPath, text)
}

/** A Traffic Server that reads from its directory what it must know. */
export function writeTrafficServer(directory: string): string {
  const text = `${PROXY}
const { readFileSync } = require('node:fs')
if (process.argv[2] === '--version') { console.log('Traffic Server 9.9'); process.exit(0) }
const root = process.argv[2].replace('--run-root=', '').replace('runroot.yaml', '')
const origin = /map . (\\S+)/.exec(readFileSync(root + 'etc/remap.config', 'utf8'))[1]
const port = /server_ports STRING (\\d+):/.exec(readFileSync(root + 'etc/records.config', 'utf8'))[1]
proxy(Number(port), origin, { Via: 'http/1.1 a (ApacheTrafficServer/9.9 [cHs f ])' })
`
  return writeProgram(directory, 'traffic_server', process.execPath, text)
}

/** A checkout with a built edge that reads its configuration, says that it is ready, and logs a line. */
export function writeCheckout(directory: string, after = '', before = ''): string {
  const text = `${PROXY}
${before}
const { readFileSync } = require('node:fs')
const config = JSON.parse(readFileSync(process.argv[3], 'utf8'))
const site = config.sites?.[0] ?? JSON.parse(readFileSync('var/demo-site.json', 'utf8'))
const port = config.listen[0].port
proxy(port, site.origins[0], { 'Cache-Status': 'naij; hit; ttl=9' }, () => {
  console.log('naij-edge ready http://127.0.0.1:' + port + ' workers=1 pid=' + process.pid)
  console.log(JSON.stringify({ level: 30, time: 0, msg: 'hello' }))
  ${after}
})
`
  writeProgram(join(directory, 'dist/edge'), 'main.js', process.execPath, text)
  writeFileSync(join(directory, 'package.json'), '{ "type": "module", "version": "9.9.9" }')
  return directory
}
