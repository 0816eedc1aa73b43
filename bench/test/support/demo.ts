// A package directory in which the demo can run: the real pages, photographs that are there already, and an edge.
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileName, PHOTOGRAPHS } from '../../demo/photographs.js'
import { packageRoot } from '../../root.js'

/** Puts everything but the edge into `directory`. */
export function prepareRoot(directory: string): string {
  writeObedientControl(directory)
  symlinkSync(join(packageRoot(), 'bench'), join(directory, 'bench'))
  return putPhotographs(directory)
}

/**
 * The same with a copy of the built bench, for a program that looks for its package from where it lies; package.json is the
 * edge's to bring. */
export function prepareCopy(directory: string): string {
  const bench = join(packageRoot(), 'dist/bench')
  const tests = join(bench, 'test')
  cpSync(bench, join(directory, 'dist/bench'), { recursive: true, filter: path => path !== tests })
  return prepareRoot(directory)
}

/** As if an earlier start had painted them. */
export function putPhotographs(directory: string): string {
  mkdirSync(join(directory, 'var/demo'), { recursive: true })
  for (const photograph of PHOTOGRAPHS) {
    writeFileSync(join(directory, 'var/demo', fileName(photograph)), photograph.name)
  }
  return directory
}

/** The edge and control of this checkout; a worker gets more time to become ready. */
export function writeRealEdge(root: string): void {
  writeWrapper(root, 'edge', "{ ...config, workerReadyMs: '120s' }")
  writeWrapper(root, 'control', 'config')
}

/** dist/ROOM/main.js that runs that of this checkout. */
function writeWrapper(root: string, room: 'edge' | 'control', config: string): void {
  const main = JSON.stringify(join(packageRoot(), `dist/${room}/main.js`))
  const text = `const { spawn } = require('node:child_process')
const { readFileSync, writeFileSync } = require('node:fs')
const config = JSON.parse(readFileSync(process.argv[3], 'utf8'))
writeFileSync('var/patient-${room}.json', JSON.stringify(${config}))
const env = { ...process.env, NODE_V8_COVERAGE: '' }
const child = spawn(process.execPath, [${main}, '--config', 'var/patient-${room}.json'], { stdio: 'inherit', env })
process.on('SIGTERM', () => child.kill('SIGTERM'))
child.on('exit', code => process.exit(code ?? 1))
`
  mkdirSync(join(root, `dist/${room}`), { recursive: true })
  writeFileSync(join(root, `dist/${room}/package.json`), '{ "type": "commonjs" }')
  writeFileSync(join(root, `dist/${room}/main.js`), text)
}

/** Control that agrees with everything. */
export function writeObedientControl(root: string): void {
  const text = `const { createServer } = require('node:http')
const { mkdirSync, readFileSync, writeFileSync } = require('node:fs')
const { listen, state } = JSON.parse(readFileSync(process.argv[3], 'utf8'))
mkdirSync(state.directory, { recursive: true })
writeFileSync(state.directory + '/admin-token', 'nce_a_b')
createServer((request, response) => response.end('{"activeVersion":null,"items":[],"number":1,"token":"nce_c_d"}')).listen(
  listen.port, '127.0.0.1', () => console.log('naij-control ready http://127.0.0.1:' + listen.port + ' pid=' + process.pid))
`
  mkdirSync(join(root, 'dist/control'), { recursive: true })
  writeFileSync(join(root, 'dist/control/package.json'), '{ "type": "commonjs" }')
  writeFileSync(join(root, 'dist/control/main.js'), text)
}
