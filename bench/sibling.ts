// How to run a program of this suite as a process of its own, from source as well as from dist/.
import { fileURLToPath } from 'node:url'

/** `from` is the caller's import.meta.url, `name` the program beside it, without extension. The flags of this process are handed on. */
export function siblingCommand(from: string, name: string): string[] {
  const extension = from.slice(from.lastIndexOf('.'))
  return [process.execPath, ...process.execArgv, fileURLToPath(new URL(`./${name}${extension}`, from))]
}
