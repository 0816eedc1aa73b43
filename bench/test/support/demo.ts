// A package directory in which the demo can run: the real pages, photographs that are there already, and an edge.
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PHOTOGRAPHS, WIDTHS } from '../../demo/photographs.js'
import { packageRoot } from '../../root.js'

/** Puts everything but the edge into `directory`. */
export function prepareRoot(directory: string): string {
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

function putPhotographs(directory: string): string {
  mkdirSync(join(directory, 'var/demo'), { recursive: true })
  for (const { name } of PHOTOGRAPHS) {
    for (const width of WIDTHS) writeFileSync(join(directory, `var/demo/${name}-${width}.jpg`), name)
  }
  return directory
}

/** dist/edge/main.js that runs the built edge of this checkout; a worker gets more time to become ready. */
export function writeRealEdge(root: string): void {
  const main = JSON.stringify(join(packageRoot(), 'dist/edge/main.js'))
  const text = `const { spawn } = require('node:child_process')
const { readFileSync, writeFileSync } = require('node:fs')
const config = JSON.parse(readFileSync(process.argv[3], 'utf8'))
writeFileSync('var/patient.json', JSON.stringify({ ...config, workerReadyMs: '120s' }))
const { NODE_OPTIONS, ...env } = process.env
const child = spawn(process.execPath, [${main}, '--config', 'var/patient.json'], { stdio: 'inherit', env })
process.on('SIGTERM', () => child.kill('SIGTERM'))
child.on('exit', code => process.exit(code ?? 1))
`
  mkdirSync(join(root, 'dist/edge'), { recursive: true })
  writeFileSync(join(root, 'dist/edge/package.json'), '{ "type": "commonjs" }')
  writeFileSync(join(root, 'dist/edge/main.js'), text)
}
