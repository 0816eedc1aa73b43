// The README as a user would follow it: its shell lines run from a checkout, in their order, against what they start; its
// links, and those of the other pages, lead somewhere.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { MEASUREMENTS, SCENARIOS } from '../everything.js'
import { packageRoot } from '../root.js'

const root = packageRoot()
const readme = readFileSync(join(root, 'README.md'), 'utf8')

/** Fenced blocks of a language, without their fences. */
function blocksOf(page: string, language: string): string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(
    ([, block]) => block!,
  )
}

/** What takes minutes, or this very test: they are tried by their own tests, and here only that there is such a thing. */
const isElsewhere = (line: string) => /^npm (ci|run|start|test)\b/.test(line)

const shell = blocksOf(readme, 'sh')
const lines = shell.flatMap(block => block.split('\n'))

t.test('the scripts and scenarios that the README names are there', async t => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const known = new Set([...SCENARIOS, ...MEASUREMENTS].map(({ name }) => name))
  for (const line of lines.filter(isElsewhere)) {
    for (const [, name] of line.matchAll(/npm run (\S+)/g)) t.ok(name! in scripts, name)
    const asked = /npm run bench -- ([^#]*)/.exec(line)?.[1]?.trim().split(/\s+/) ?? []
    for (const word of asked.slice(0, asked.findIndex(word => word.startsWith('--')) >>> 0))
      t.ok(known.has(word), word)
  }
})

/** What is usually listened on by these lines. */
const ports = [8080, 8090]

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen(port, '0.0.0.0')
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}

/** One script of all blocks: what runs in the foreground for ever is ended when it has begun. */
function scriptOf(blocks: readonly string[]): string {
  const foreground = /^node dist\/edge\/main\.js --config edge\.json *(#.*)?$/
  const steps = blocks.map((block, at) => {
    const run = block.split('\n').map(line => (foreground.test(line) ? endedSoon(line) : line))
    return `echo "--- ${at}"\n${run.join('\n')}`
  })
  // Asked for twice, so that there is something stored to look at.
  const asks =
    "for each in 1 2 3; do curl -fsS -o kept -H 'Host: shop.example' http://127.0.0.1:8080/cart; done"
  steps.splice(2, 0, asks)
  return ['set -euo pipefail', "trap 'kill $(jobs -p); wait' EXIT", ...steps].join('\n')
}

function endedSoon(line: string): string {
  return `${line.replace(/#.*/, '')} > first.log & first=$!
for each in $(seq 100); do grep -q 'naij-edge ready' first.log && break; sleep 0.1; done
grep 'naij-edge ready' first.log; kill $first; wait $first`
}

t.test('every line of shell in the README works', async t => {
  const taken = await Promise.all(ports.map(async port => ((await isFree(port)) ? [] : [port])))
  if (taken.flat().length > 0) return t.comment(`port ${taken.flat()} is taken by somebody else`)
  const directory = mkdtempSync(join(tmpdir(), 'naij-readme-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  for (const name of ['dist', 'node_modules', 'native', 'package.json'])
    symlinkSync(join(root, name), join(directory, name))
  const origin = createHttpServer((_, answer) => {
    answer.writeHead(200, { 'Cache-Control': 'max-age=600', 'Cache-Tag': 'news, product-7' }).end('hello')
  })
  await new Promise<void>((resolve, reject) => origin.once('error', reject).listen(0, '127.0.0.1', resolve))
  t.teardown(() => origin.close())
  const { port } = origin.address() as { port: number }
  const here = (page: string) => page.replaceAll('127.0.0.1:9000', `127.0.0.1:${port}`)
  writeFileSync(join(directory, 'edge.json'), here(blocksOf(readme, 'json')[0]!))
  const blocks = shell.filter(block => !block.split('\n').some(isElsewhere))
  t.ok(blocks.length >= 5, `${blocks.length} blocks`)
  const env = { ...process.env, NODE_V8_COVERAGE: '' }
  const child = spawn('bash', ['-c', here(scriptOf(blocks))], {
    cwd: directory,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  t.equal(child.exitCode, 0, `${out.slice(-2_000)}\n${err.slice(-2_000)}`)
  for (const said of [
    /edge\.json: ok/,
    /naij-edge ready http:\/\/0\.0\.0\.0:8080/,
    /naij-control ready http:\/\/127\.0\.0\.1:8090/,
    /"applied":true/,
    /shop\.example\/cart/,
  ])
    t.match(out, said)
})

/** As GitHub makes an anchor of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-')
}

function anchorsIn(page: string): Set<string> {
  const prose = page.replace(/^```.*?^```$/gms, '')
  return new Set([...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading!)))
}

t.test('every link of every page leads somewhere', async t => {
  const rooms = readdirSync(root, { withFileTypes: true }).filter(
    entry => entry.isDirectory() && !/^(node_modules|dist|var|\..*)$/.test(entry.name),
  )
  const pages = [root, ...rooms.map(({ name }) => join(root, name))].flatMap(directory =>
    readdirSync(directory)
      .filter(name => name.endsWith('.md'))
      .map(name => join(directory, name)),
  )
  t.ok(pages.length >= 9, `${pages.length} pages`)
  for (const page of pages) {
    const prose = readFileSync(page, 'utf8')
      .replace(/^```.*?^```$/gms, '')
      .replace(/`[^`\n]*`/g, '')
    for (const [, target] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target!)) continue
      const [path, anchor] = target!.split('#')
      const file = path === '' ? page : resolve(dirname(page), path!)
      t.ok(existsSync(file), `${page.slice(root.length + 1)}: ${target}`)
      if (anchor !== undefined && file.endsWith('.md'))
        t.ok(anchorsIn(readFileSync(file, 'utf8')).has(anchor), `${page.slice(root.length + 1)}: ${target}`)
    }
  }
})
