// Starts child.ts. Only children that a test started are ever killed.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import ts from 'typescript'
import { addonFile } from '../../../../native/addon.js'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const folder = 'edge/test/cache/segments'

/** Writes what a child needs as JavaScript below `directory`, and returns the program: it then starts ten times as fast. */
export function compileChild(directory: string): string {
  const sources = [
    ...filesOf('edge/cache/segments'),
    ...filesOf('native'),
    'edge/cache/pages.ts',
    'edge/cache/commit.ts',
    'edge/error.ts',
    ...['child', 'random', 'support'].map(name => `${folder}/${name}.ts`),
  ]
  const compilerOptions = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext }
  for (const source of sources) {
    const { outputText } = ts.transpileModule(readFileSync(join(root, source), 'utf8'), { compilerOptions })
    const target = join(directory, source.replace(/\.ts$/, '.js'))
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, outputText)
  }
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}')
  return join(directory, folder, 'child.js')
}

function filesOf(directory: string): string[] {
  return readdirSync(join(root, directory))
    .filter(name => name.endsWith('.ts'))
    .map(name => join(directory, name))
}

/** `fileBlocksMax`: no file may grow beyond so many blocks of 512 bytes, as on a full disk. */
export function startChild(
  t: Test,
  script: string,
  words: (string | number)[],
  fileBlocksMax?: number,
): ChildProcess {
  const node = [process.execPath, script, ...words.map(String)]
  const limited = ['sh', '-c', `ulimit -f ${fileBlocksMax}; exec "$0" "$@"`, ...node]
  const [command, ...rest] = fileBlocksMax === undefined ? node : limited
  const child = spawn(command, rest, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, NAIJ_NATIVE_FILE: addonFile },
  })
  t.teardown(() => kill(child))
  return child
}

/** Resolves when it is gone. */
export async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}
