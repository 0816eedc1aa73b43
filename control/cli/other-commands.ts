// naijctl edges, tokens, audit.
import type { Command } from 'commander'
import { dataOf } from '../client/client.js'
import { allOf, type Context, exitCodes, type Shell } from './context.js'
import { edgesOf } from './rollout.js'

export function otherCommands(program: Command, shell: Shell): void {
  const edges = program.command('edges').description('which edges there are')
  edges.command('list').description('all edges, and what each serves').action(shell.run(listEdges))
  edges.command('show <id>').description('one edge').action(shell.run(showEdge))
  edges.command('forget <id>').description('one that will not come back').action(shell.run(forgetEdge))
  const tokens = program.command('tokens').description('who may ask')
  tokens.command('list').description('all tokens').action(shell.run(listTokens))
  tokens
    .command('create <name>')
    .description('a token, shown once')
    .requiredOption('--scope <scope...>', 'what it may do')
    .option('--site <site...>', 'only these sites')
    .option('--expires <time>', 'RFC 3339')
    .action(shell.run(createToken))
  tokens.command('remove <id>').description('a token').action(shell.run(removeToken))
  const audit = program.command('audit').description('who did what')
  audit
    .command('list', { isDefault: true })
    .description('the latest first')
    .option('--limit <count>', 'how many', '50')
    .action(shell.run(listAudit))
  audit
    .command('verify')
    .description('whether nothing of it was changed or taken out')
    .action(shell.run(verifyAudit))
}

async function listEdges(context: Context): Promise<void> {
  context.output.rows(await edgesOf(context), [
    { title: 'EDGE', of: ({ name }) => name },
    { title: 'ID', of: ({ id }) => id },
    { title: 'STATE', of: ({ state }) => state },
    { title: 'REVISION', of: ({ revision, revisionWanted }) => `${revision ?? '-'} of ${revisionWanted}` },
    { title: 'BEHIND', of: ({ behind }) => behind },
    { title: 'READY', of: ({ health }) => health?.ready },
    { title: 'LAST SEEN', of: ({ lastSeenAt }) => lastSeenAt },
    { title: 'REFUSES', of: ({ refused }) => refused?.reasons.join('; ') },
  ])
}

async function showEdge({ client, output }: Context, id: string): Promise<void> {
  output.one(await dataOf(client.GET('/v1/edges/{id}', { params: { path: { id } } })))
}

async function forgetEdge({ client, output }: Context, id: string): Promise<void> {
  await dataOf(client.DELETE('/v1/edges/{id}', { params: { path: { id } } }))
  output.said(`edge ${id} is forgotten`, { id })
}

async function listTokens({ client, output }: Context): Promise<void> {
  const items = await allOf(cursor =>
    dataOf(client.GET('/v1/tokens', { params: { query: { ...(cursor && { cursor }) } } })),
  )
  output.rows(items, [
    { title: 'ID', of: ({ id }) => id },
    { title: 'NAME', of: ({ name }) => name },
    { title: 'SCOPES', of: ({ scopes }) => scopes.join(' ') },
    { title: 'SITES', of: ({ sites }) => sites?.join(' ') ?? 'all' },
    { title: 'EXPIRES', of: ({ expiresAt }) => expiresAt },
  ])
}

interface TokenOptions {
  scope: string[]
  site?: string[]
  expires?: string
}

async function createToken({ client, output }: Context, name: string, options: TokenOptions): Promise<void> {
  const { scope, site, expires } = options
  // What is no scope control says.
  const scopes = scope as never[]
  const body = { name, scopes, ...(site && { sites: site }), ...(expires && { expiresAt: expires }) }
  const made = await dataOf(client.POST('/v1/tokens', { body }))
  output.said(`${made.token}`, made)
}

async function removeToken({ client, output }: Context, id: string): Promise<void> {
  await dataOf(client.DELETE('/v1/tokens/{id}', { params: { path: { id } } }))
  output.said(`token ${id} is removed`, { id })
}

async function listAudit({ client, output }: Context, { limit }: { limit: string }): Promise<void> {
  const { items } = await dataOf(client.GET('/v1/audit', { params: { query: { limit } } }))
  output.rows(items, [
    { title: 'AT', of: ({ at }) => at },
    { title: 'WHO', of: ({ actor }) => actor },
    { title: 'FROM', of: ({ address }) => address || undefined },
    { title: 'WHAT', of: ({ action }) => action },
    { title: 'OF', of: ({ target }) => target },
    { title: 'OUTCOME', of: ({ outcome }) => outcome },
    { title: 'REVISION', of: ({ revisionBefore, revisionAfter }) => `${revisionBefore} > ${revisionAfter}` },
  ])
}

async function verifyAudit(context: Context): Promise<void> {
  const found = await dataOf(context.client.GET('/v1/audit/verification'))
  const { sound, firstBad, entries } = found
  if (!sound) context.exitCode = exitCodes.refused
  context.output.said(
    sound ? `${entries} entries, all as they were written` : `entry ${firstBad} is not what was written`,
    found,
  )
}
