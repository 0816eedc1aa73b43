// What the tests of this room share: whether the addon is there, and programs that run in a process of their own.
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Test } from 'tap'
import { addonFile, loaded } from '../../addon.js'

/** For `t.test`'s options: why a test of the addon cannot run here. */
export const needsAddon = { skip: loaded.addon === undefined ? `no addon: ${loaded.why}` : false }

export function has(command: string): boolean {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0
}

export interface Other {
  readonly process: ChildProcessWithoutNullStreams
  /** The next line that it prints; throws when it ends before. */
  line(): Promise<string>
  /** When it is gone. */
  readonly exit: Promise<unknown>
}

/** Runs a program that finds the raw functions in `addon`, Node's modules by name, and its words in `words`. */
export function runOther(t: Test, program: string, words: (string | number)[]): Other {
  const text = `const [, file, ...words] = process.argv; const addon = require(file); ${program}`
  return runCommand(t, process.execPath, ['-e', text, addonFile, ...words.map(String)])
}

export function runCommand(t: Test, command: string, words: string[]): Other {
  const child = spawn(command, words)
  child.stderr.pipe(process.stderr)
  const exit = once(child, 'exit')
  t.teardown(async () => {
    child.kill('SIGKILL')
    await exit
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const line = async (): Promise<string> => {
    const { done, value } = await lines.next()
    if (done) throw new Error('the process ended')
    return value
  }
  return { process: child, line, exit }
}

/** Turns the loop until `isTrue`; what is awaited needs turns, not time. */
export async function untilTrue(isTrue: () => boolean, turnsMax = 1000): Promise<boolean> {
  for (let turn = 0; turn < turnsMax && !isTrue(); turn++) await new Promise(setImmediate)
  return isTrue()
}
