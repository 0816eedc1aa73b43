// Starts store-child.ts and speaks with it. Only children that a test started are ever killed.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import ts from 'typescript'

const edge = fileURLToPath(new URL('../..', import.meta.url))
const program = 'test/support/store-child.ts'

/**
 * Writes what a child needs as JavaScript below `directory` (inside the package, so that its dependencies are found)
 * and returns the program: a child then starts in a tenth of the time that a TypeScript loader takes.
 */
export function compileChild(directory: string): string {
  const cache = readdirSync(join(edge, 'cache'))
    .filter(name => name.endsWith('.ts'))
    .map(name => join('cache', name))
  const places = ['header.ts', 'place.ts'].map(name => join('cache/segments', name))
  const sources = [...cache, ...places, 'error.ts', program, 'test/support/store-records.ts']
  const compilerOptions = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext }
  for (const source of sources) {
    const { outputText } = ts.transpileModule(readFileSync(join(edge, source), 'utf8'), { compilerOptions })
    const target = scriptOf(join(directory, source))
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, outputText)
  }
  return scriptOf(join(directory, program))
}

function scriptOf(path: string): string {
  return path.replace(/\.ts$/, '.js')
}

export interface ChildOptions {
  seed?: number
  /** Limit on the size of each file it writes, in blocks of 512 bytes: a disk that is full. */
  fileBlocksMax?: number
}

/** A running child; it is killed at the end of the test if it still runs then. */
export function startChild(
  t: Test,
  script: string,
  args: readonly string[],
  options: ChildOptions = {},
): ChildProcess {
  const { seed = 1, fileBlocksMax } = options
  const node = [process.execPath, script, ...args]
  const limited = ['sh', '-c', `ulimit -f ${fileBlocksMax}; exec "$0" "$@"`, ...node]
  const [command = '', ...rest] = fileBlocksMax === undefined ? node : limited
  const child = spawn(command, rest, {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: { ...process.env, STORE_SEED: String(seed) },
  })
  t.teardown(async () => {
    child.kill('SIGKILL')
    await ended(child)
  })
  return child
}

/** The next message of `child`; rejects when it ends without one. */
export async function nextMessage(child: ChildProcess): Promise<Record<string, unknown>> {
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`the child ended: ${code ?? signal}`)
  })
  const [message] = await Promise.race([once(child, 'message'), ended])
  return message as Record<string, unknown>
}

/** Resolves when `child` has ended. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}
