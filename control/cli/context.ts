// What every command of naijctl has: where control is, by which token it asks, how it prints.
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { type ControlClient, controlClient } from '../client/client.js'
import { Output, type Streams } from './output.js'

/** What went wrong before control was asked. */
export class UsageError extends Error {}

export const exitCodes = {
  done: 0,
  /** Arguments that make no sense, a file that cannot be read. */
  usage: 1,
  /** Control did not answer. */
  unreachable: 2,
  /** Control has refused, and said why. */
  refused: 3,
  /** It was begun, but not everywhere in time. */
  unfinished: 4,
} as const

export interface Context {
  readonly client: ControlClient
  readonly url: string
  readonly token: string
  readonly output: Output
  /** Set to what is not `done`. */
  exitCode: number
}

interface GlobalOptions {
  control: string
  tokenFile?: string
  json?: boolean
}

export type Run<Arguments extends unknown[]> = (context: Context, ...given: Arguments) => Promise<void>

/** Commands of this make a context of their options. */
export class Shell {
  exitCode: number = exitCodes.done
  readonly #environment: NodeJS.ProcessEnv
  readonly #streams: Streams

  constructor(environment: NodeJS.ProcessEnv, streams: Streams) {
    this.#environment = environment
    this.#streams = streams
  }

  get streams(): Streams {
    return this.#streams
  }

  /** For `command.action`. */
  run<Arguments extends unknown[]>(work: Run<Arguments>) {
    return async (...given: [...Arguments, object, Command]) => {
      const command = given.at(-1) as Command
      const { control: url, tokenFile, json = false } = command.optsWithGlobals<GlobalOptions>()
      const token = this.#token(tokenFile)
      const output = new Output(json, this.#streams)
      const context: Context = {
        client: controlClient(url, token),
        url,
        token,
        output,
        exitCode: exitCodes.done,
      }
      await work(context, ...(given.slice(0, -1) as unknown as Arguments))
      this.exitCode = context.exitCode
    }
  }

  #token(file: string | undefined): string {
    if (file === undefined && this.#environment.NAIJCTL_TOKEN !== undefined)
      return this.#environment.NAIJCTL_TOKEN
    const path = file ?? './var/control/admin-token'
    return readText(path, 'a token: say --token-file, or NAIJCTL_TOKEN').trim()
  }
}

/** `what`: what was to be found there. Throws a `UsageError`. */
export function readText(path: string, what: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8')
  } catch (error) {
    throw new UsageError(`${path}: ${(error as Error).message}: there should be ${what}`)
  }
}

export function readConfig(path: string): Record<string, unknown> {
  const text = readText(path, 'the configuration of a site, JSON')
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch (error) {
    throw new UsageError(`${path}: not JSON: ${(error as Error).message}`)
  }
}

export function numberOf(text: string, what: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`${text} is no ${what}: expected a number`)
  return Number(text)
}

/** All pages of a list. */
export async function allOf<Item>(
  page: (cursor: string | undefined) => Promise<{ items: Item[]; nextCursor: string | null }>,
): Promise<Item[]> {
  const items: Item[] = []
  let cursor: string | undefined
  do {
    const answer = await page(cursor)
    items.push(...answer.items)
    cursor = answer.nextCursor ?? undefined
  } while (cursor !== undefined)
  return items
}
