// naijctl activate, rollback, apply.
import type { Command } from 'commander'
import { dataOf } from '../client/client.js'
import { type Context, numberOf, readConfig, type Shell, UsageError } from './context.js'
import { activated } from './rollout.js'
import { at, begin, etagOf, put, versionsOf } from './site-commands.js'

export function activateCommands(program: Command, shell: Shell): void {
  program
    .command('activate <site> <version>')
    .description('edges serve this version from now on')
    .requiredOption('-m, --comment <text>', 'why')
    .option('--wait <seconds>', 'until all edges that are there serve it')
    .action(shell.run(activate))
  program
    .command('rollback <site>')
    .description('back to the version that was active before')
    .option('-m, --comment <text>', 'why', 'rolled back')
    .option('--wait <seconds>', 'until all edges that are there serve it')
    .action(shell.run(rollback))
  program
    .command('apply <site> <file>')
    .description('a new version of the file, validated and activated; the site is created if there is none')
    .requiredOption('-m, --comment <text>', 'why')
    .option('--wait <seconds>', 'until all edges that are there serve it')
    .action(shell.run(apply))
}

interface ActivateOptions {
  comment: string
  wait?: string
}

async function activate(
  context: Context,
  name: string,
  version: string,
  options: ActivateOptions,
): Promise<void> {
  await activateNumber(context, name, numberOf(version, 'version'), options)
}

async function activateNumber(
  context: Context,
  name: string,
  number: number,
  { comment, wait }: ActivateOptions,
) {
  const headers = { 'if-match': await etagOf(context, name) }
  const made = await dataOf(
    context.client.POST('/v1/sites/{name}/versions/{number}:activate', {
      ...at(name, number),
      headers,
      body: { comment },
    }),
  )
  context.output.said(`version ${number} of ${name} is active, revision ${made.revision}`, made)
  if (wait !== undefined) await activated(context, made.revision, numberOf(wait, 'time in seconds'))
}

async function rollback(context: Context, name: string, options: ActivateOptions): Promise<void> {
  const past = (await versionsOf(context, name)).filter(({ state }) => state === 'past')
  const [last] = past.sort((a, b) => String(b.activatedAt).localeCompare(String(a.activatedAt)))
  if (last === undefined) throw new UsageError(`${name} has no version that was active before`)
  await activateNumber(context, name, last.number, options)
}

async function apply(context: Context, name: string, file: string, options: ActivateOptions): Promise<void> {
  const config = readConfig(file)
  const { response } = await context.client.GET('/v1/sites/{name}', { params: { path: { name } } })
  let number = 1
  if (response.status === 404) await dataOf(context.client.POST('/v1/sites', { body: { name, config } }))
  else {
    number = await begin(context, name, undefined)
    await put(context, name, number, config)
  }
  await activateNumber(context, name, number, options)
}
