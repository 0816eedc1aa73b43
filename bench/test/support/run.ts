// Runs a program of the bench as a user would and sees that it does not outlive the test.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

/** What this test starts does without the loaders of the tests, which every process would load anew: nothing of it is counted. */
export function withoutLoaders(t: Test): void {
  const { NODE_OPTIONS } = process.env
  delete process.env.NODE_OPTIONS
  t.teardown(() => {
    if (NODE_OPTIONS !== undefined) process.env.NODE_OPTIONS = NODE_OPTIONS
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
