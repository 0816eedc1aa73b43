// Real processes on shared ground.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

/** The program of this folder by this name. */
export function programFile(name: string): string {
  return fileURLToPath(new URL(`./${name}.js`, import.meta.url))
}

/** `fileBlocksMax`: no file may be longer than so many blocks of 512 bytes, as on a disk that is full. */
export function startProgram(
  t: Test,
  script: string,
  words: (string | number)[],
  fileBlocksMax?: number,
): ChildProcess {
  const node = [process.execPath, script, ...words.map(String)]
  const limited = ['sh', '-c', `ulimit -f ${fileBlocksMax}; exec "$0" "$@"`, ...node]
  const [command = '', ...rest] = fileBlocksMax === undefined ? node : limited
  const child = spawn(command, rest, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  t.teardown(async () => {
    child.kill('SIGKILL')
    await ended(child)
  })
  return child
}

/** Resolves when the child has ended, with its code; null when it was killed. */
export async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return child.exitCode
}

/** The next message for which `is` holds; rejects when the child ends before. */
export function messageOf<T extends object>(
  child: ChildProcess,
  is: (message: T) => boolean = () => true,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => {
      child.off('message', take)
      child.off('exit', fail)
    }
    const take = (message: unknown) => {
      if (!is(message as T)) return
      end()
      resolve(message as T)
    }
    const fail = (code: number | null, signal: string | null) => {
      end()
      reject(new Error(`the child ended: ${code ?? signal}`))
    }
    child.on('message', take)
    child.on('exit', fail)
  })
}

/** Turns the loop until it holds; ten seconds are for ever. */
export async function until(isTrue: () => boolean): Promise<boolean> {
  for (let turn = 0; turn < 5_000 && !isTrue(); turn++) await new Promise(resolve => setTimeout(resolve, 2))
  return isTrue()
}
