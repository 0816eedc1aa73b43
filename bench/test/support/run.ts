// Runs a program of the bench as a user would and sees that it does not outlive the test.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { packageRoot } from '../../root.js'

export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

/** A built program of the bench; what its many processes cover is not counted. */
export async function runBuilt(file: string, args: readonly string[]) {
  const env = { ...process.env, NODE_V8_COVERAGE: '' }
  const program = join(packageRoot(), 'dist/bench', file)
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env })
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { out, err, code: child.exitCode }
}

/** What the processes that this test starts cover is not counted: writing it takes each of them a while. */
export function withoutCoverage(t: Test): void {
  const { NODE_V8_COVERAGE } = process.env
  delete process.env.NODE_V8_COVERAGE
  t.teardown(() => {
    if (NODE_V8_COVERAGE !== undefined) process.env.NODE_V8_COVERAGE = NODE_V8_COVERAGE
  })
}

/** `file` is relative to bench/, or a full path. `said` resolves when stdout or stderr has these words; rejects when it ends without. */
export function runProgram(t: Test, file: string, words: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const path = resolve(fileURLToPath(new URL('../..', import.meta.url)), file)
  const child = spawn(process.execPath, [path, ...words], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const text = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk
    })
  }
  const ended = once(child, 'close').then(([code]): Ended => ({ code: code as number | null, ...text }))
  const said = (wanted: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = () => (text.stdout + text.stderr).includes(wanted) && resolve()
      child.stdout.on('data', look)
      child.stderr.on('data', look)
      look()
      void ended.then(({ stdout, stderr }) =>
        reject(new Error(`ended without "${wanted}": ${stdout}${stderr}`)),
      )
    })
  t.teardown(async () => {
    // SIGTERM, not SIGKILL: what a process has covered is written when it exits.
    child.kill('SIGTERM')
    await ended
  })
  return { child, ended, said }
}
