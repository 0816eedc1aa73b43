// Starts child.ts. Only children that a test started are ever killed.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

export const childFile = fileURLToPath(new URL('./child.js', import.meta.url))

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
  const child = spawn(command, rest, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  t.teardown(() => kill(child))
  return child
}

/** Resolves when it is gone. */
export async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}
