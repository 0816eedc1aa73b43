// How to run a program of this suite as a process of its own, from source as well as from dist/.
import { fileURLToPath } from 'node:url'

/** `from` is the caller's import.meta.url, `name` the program beside it, without extension. The flags of this process are handed on. */
export function siblingCommand(from: string, name: string): string[] {
  return [process.execPath, ...process.execArgv, siblingFile(from, name)]
}

export function siblingFile(from: string, name: string): string {
  return fileURLToPath(new URL(`./${name}${from.slice(from.lastIndexOf('.'))}`, from))
}
