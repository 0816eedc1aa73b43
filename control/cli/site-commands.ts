// naijctl sites, versions, diff.
import type { Command } from 'commander'
import { dataOf } from '../client/client.js'
import { allOf, type Context, exitCodes, numberOf, readConfig, type Shell, UsageError } from './context.js'

export function siteCommands(program: Command, shell: Shell): void {
  const sites = program.command('sites').description('what sites there are')
  sites.command('list').description('all sites').action(shell.run(listSites))
  sites
    .command('show <site>')
    .description('one site')
    .action(shell.run(async (context, site: string) => context.output.one(await siteOf(context, site))))
  sites
    .command('create <site> <file>')
    .description(
      'a site with its first version, a draft; the file is its configuration, JSON, - for standard input',
    )
    .action(shell.run(createSite))
  sites.command('remove <site>').description('a site, and all its versions').action(shell.run(removeSite))
  versionCommands(program.command('versions').description('configurations of a site'), shell)
  program
    .command('diff <site> <version> [against]')
    .description('what a version changes, of the active one unless another is said')
    .action(shell.run(diff))
}

function versionCommands(versions: Command, shell: Shell): void {
  versions.command('list <site>').description('all versions of a site').action(shell.run(listVersions))
  versions
    .command('show <site> <version>')
    .description('one, with its configuration')
    .action(shell.run(showVersion))
  versions
    .command('draft <site>')
    .description('a further version, copied from the active one')
    .option('--from <version>', 'from another')
    .action(shell.run(draft))
  versions
    .command('put <site> <version> <file>')
    .description('the configuration of a draft')
    .action(
      shell.run(async (context, site: string, version: string, file: string) => {
        await put(context, site, numberOf(version, 'version'), readConfig(file))
        context.output.said(`version ${version} of ${site} is changed`, { site, number: Number(version) })
      }),
    )
  versions
    .command('validate <site> <version>')
    .description('all that is wrong with it')
    .action(
      shell.run(
        async (context, site: string, version: string) =>
          void (await validate(context, site, numberOf(version, 'version'))),
      ),
    )
}

export const at = (name: string, number: number) => ({ params: { path: { name, number: String(number) } } })

export async function siteOf({ client }: Context, name: string) {
  return dataOf(client.GET('/v1/sites/{name}', { params: { path: { name } } }))
}

/** Its state, by which a change of it is one of that state. */
export async function etagOf({ client }: Context, name: string): Promise<string> {
  const answer = client.GET('/v1/sites/{name}', { params: { path: { name } } })
  await dataOf(answer)
  return (await answer).response.headers.get('etag') ?? ''
}

async function listSites({ client, output }: Context): Promise<void> {
  const items = await allOf(cursor =>
    dataOf(client.GET('/v1/sites', { params: { query: { ...(cursor && { cursor }) } } })),
  )
  output.rows(items, [
    { title: 'SITE', of: ({ name }) => name },
    { title: 'ACTIVE', of: ({ activeVersion }) => activeVersion },
    { title: 'VERSIONS', of: ({ lastVersion }) => lastVersion },
    { title: 'CREATED', of: ({ createdAt }) => createdAt },
  ])
}

async function createSite({ client, output }: Context, name: string, file: string): Promise<void> {
  const body = { name, config: readConfig(file) }
  const made = await dataOf(client.POST('/v1/sites', { body }))
  output.said(`site ${name}: version 1 is a draft`, made)
}

async function removeSite(context: Context, name: string): Promise<void> {
  const headers = { 'if-match': await etagOf(context, name) }
  await dataOf(context.client.DELETE('/v1/sites/{name}', { params: { path: { name } }, headers }))
  context.output.said(`site ${name} is removed`, { name })
}

export async function versionsOf({ client }: Context, name: string) {
  return allOf(cursor =>
    dataOf(
      client.GET('/v1/sites/{name}/versions', {
        params: { path: { name }, query: { ...(cursor && { cursor }) } },
      }),
    ),
  )
}

async function listVersions(context: Context, name: string): Promise<void> {
  context.output.rows(await versionsOf(context, name), [
    { title: 'VERSION', of: ({ number }) => number },
    { title: 'STATE', of: ({ state }) => state },
    { title: 'ACTIVATED', of: ({ activatedAt }) => activatedAt },
    { title: 'BY', of: ({ createdBy }) => createdBy },
    { title: 'COMMENT', of: ({ comment }) => comment },
  ])
}

async function showVersion({ client, output }: Context, name: string, version: string): Promise<void> {
  const found = await dataOf(
    client.GET('/v1/sites/{name}/versions/{number}', at(name, numberOf(version, 'version'))),
  )
  if (output.isJson) return output.one(found)
  const { config, ...rest } = found
  output.one(rest)
  output.raw(`${JSON.stringify(config, null, 2)}\n`)
}

export async function begin({ client }: Context, name: string, from: number | undefined): Promise<number> {
  const params = { path: { name } }
  const made = await dataOf(
    client.POST('/v1/sites/{name}/versions', { params, body: { ...(from && { from }) } }),
  )
  return made.number
}

async function draft(context: Context, name: string, { from }: { from?: string }): Promise<void> {
  const number = await begin(context, name, from === undefined ? undefined : numberOf(from, 'version'))
  context.output.said(`version ${number} of ${name} is a draft`, { site: name, number })
}

export async function put(
  { client }: Context,
  name: string,
  number: number,
  config: Record<string, unknown>,
): Promise<void> {
  const path = '/v1/sites/{name}/versions/{number}'
  const before = client.GET(path, at(name, number))
  await dataOf(before)
  const headers = { 'if-match': (await before).response.headers.get('etag') ?? '' }
  await dataOf(client.PUT(path, { ...at(name, number), headers, body: { config } }))
}

/** Says what is wrong; true when nothing is. */
async function validate(context: Context, name: string, number: number): Promise<boolean> {
  const answer = context.client.POST('/v1/sites/{name}/versions/{number}:validate', at(name, number))
  const { valid, errors } = await dataOf(answer)
  if (valid) context.output.said(`version ${number} of ${name} is sound`, { valid, errors })
  else {
    context.exitCode = exitCodes.refused
    context.output.rows(errors, [
      { title: 'WHERE', of: ({ pointer }) => pointer },
      { title: 'WHAT', of: ({ detail }) => detail },
    ])
  }
  return valid
}

async function diff(
  context: Context,
  name: string,
  version: string,
  other: string | undefined,
): Promise<void> {
  const against = other ?? (await siteOf(context, name)).activeVersion
  if (against === null) throw new UsageError(`${name} has no active version: say against which`)
  const query = { against: String(against) }
  const { changes } = await dataOf(
    context.client.GET('/v1/sites/{name}/versions/{number}/diff', {
      params: { ...at(name, numberOf(version, 'version')).params, query },
    }),
  )
  context.output.rows(changes, [
    { title: 'WHERE', of: ({ pointer }) => pointer || '/' },
    { title: 'BEFORE', of: ({ before }) => (before === undefined ? undefined : JSON.stringify(before)) },
    { title: 'AFTER', of: ({ after }) => (after === undefined ? undefined : JSON.stringify(after)) },
  ])
}
