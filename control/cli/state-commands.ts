// naijctl backup, restore, export, import.
import { createWriteStream } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import { ApiError, type ApiProblem, dataOf, type paths } from '../client/client.js'
import { restoreState } from '../state/backup.js'
import { type Context, readText, type Shell, UsageError } from './context.js'
import { bytesText, Output } from './output.js'

export function stateCommands(program: Command, shell: Shell): void {
  program
    .command('backup <file>')
    .description('everything that control knows, while it runs')
    .action(shell.run(backup))
  program
    .command('restore <file>')
    .description('makes a backup the state of a control that does not run')
    .requiredOption('--state <directory>', 'its state.directory')
    .option('--force', 'sets aside what is there')
    .action((file: string, options: { state: string; force?: boolean }, command: Command) =>
      restore(file, options, new Output(Boolean(command.optsWithGlobals().json), shell.streams)),
    )
  program
    .command('export <file>')
    .description('all sites with their versions, as JSON')
    .action(shell.run(exportSites))
  program
    .command('import <file>')
    .description('sites of an export; all of them or none')
    .action(shell.run(importSites))
}

async function backup({ url, token, output }: Context, file: string): Promise<void> {
  const response = await fetch(`${url}/v1/backup`, { headers: { authorization: `Bearer ${token}` } })
  if (!response.ok) throw new ApiError((await response.json()) as ApiProblem)
  const total = Number(response.headers.get('content-length'))
  const partial = `${file}.part`
  let bytes = 0
  const counted = async function* (source: AsyncIterable<Buffer>) {
    for await (const piece of source) {
      if (
        Math.floor((bytes * 10) / total) < Math.floor(((bytes + piece.length) * 10) / total) &&
        total > 10 ** 7
      )
        output.progress(`${bytesText(bytes + piece.length)} of ${bytesText(total)}`)
      bytes += piece.length
      yield piece
    }
  }
  try {
    await pipeline(
      Readable.fromWeb(response.body! as never),
      counted,
      createWriteStream(partial, { mode: 0o600 }),
    )
    if (bytes !== total) throw new Error(`${bytes} of ${total} bytes have come`)
    await rename(partial, file)
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
  output.said(`${file}: ${bytesText(bytes)}`, { file, bytes })
}

async function restore(
  file: string,
  { state, force = false }: { state: string; force?: boolean },
  output: Output,
) {
  try {
    const restored = await restoreState(file, state, { force, nowMs: Date.now() })
    const { sites, revision, setAside } = restored
    const before = setAside === null ? '' : `; what was there is now ${setAside}`
    output.said(`${state} has ${sites} sites, revision ${revision}${before}`, restored)
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

async function exportSites({ client, output }: Context, file: string): Promise<void> {
  const exported = await dataOf(client.GET('/v1/export'))
  const text = `${JSON.stringify(exported, null, 2)}\n`
  if (file === '-') return output.raw(text)
  await writeFile(file, text)
  output.said(`${file}: ${exported.sites.length} sites`, { file, sites: exported.sites.length })
}

type Imported = paths['/v1/import']['post']['requestBody']['content']['application/json']

async function importSites({ client, output }: Context, file: string): Promise<void> {
  let body: Imported
  try {
    body = JSON.parse(readText(file, 'an export')) as Imported
  } catch (error) {
    throw error instanceof UsageError
      ? error
      : new UsageError(`${file}: not JSON: ${(error as Error).message}`)
  }
  const made = await dataOf(client.POST('/v1/import', { body }))
  output.said(`${made.sites} sites, revision ${made.revision}`, made)
}
