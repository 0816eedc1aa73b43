// Starts store-child.ts and speaks with it. Only children that a test started are ever killed.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

export const childFile = fileURLToPath(new URL('./store-child.js', import.meta.url))

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
