// Starts store-child.ts and speaks with it. Only children that a test started are ever killed.
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

const program = fileURLToPath(new URL('./store-child.ts', import.meta.url))

/** A running child; it is killed at the end of the test if it still runs then. */
export function startChild(t: Test, args: readonly string[], seed = 1): ChildProcess {
  const child = fork(program, args, { env: { ...process.env, STORE_SEED: String(seed) } })
  return guarded(t, child)
}

/** The same under a limit on the size of each file it writes, in blocks of 512 bytes: a disk that is full. */
export function startLimitedChild(t: Test, blocks: number, args: readonly string[]): ChildProcess {
  const command = `trap '' XFSZ; ulimit -f ${blocks}; exec "$0" "$@"`
  const node = [process.execPath, ...process.execArgv, program, ...args]
  const child = spawn('sh', ['-c', command, ...node], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
  return guarded(t, child)
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

function guarded(t: Test, child: ChildProcess): ChildProcess {
  t.teardown(async () => {
    child.kill('SIGKILL')
    await ended(child)
  })
  return child
}
