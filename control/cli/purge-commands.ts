// naijctl purge, purge-everything, purges.
import { type Command, Option } from 'commander'
import { dataOf } from '../client/client.js'
import { type Context, exitCodes, numberOf, type Shell, UsageError } from './context.js'

export function purgeCommands(program: Command, shell: Shell): void {
  const soft = () => new Option('--soft', 'stale at once, instead of gone')
  const dry = () => new Option('--dry-run', 'count what it would take, purge nothing')
  const wait = () =>
    new Option('--wait <seconds>', 'until all edges that are there have obeyed').default('10')
  program
    .command('purge <site>')
    .description('what is stored of a site: all of it with --all, else by URL, prefix or tag')
    .option('--url <url...>', 'absolute URLs')
    .option('--prefix <url...>', 'everything below absolute URLs')
    .option('--tag <tag...>', 'everything with these tags')
    .option('--all', 'the whole site')
    .addOption(soft())
    .addOption(dry())
    .addOption(wait())
    .action(shell.run(purgeSite))
  program
    .command('purge-everything')
    .description('what is stored of all sites')
    .addOption(soft())
    .addOption(dry())
    .addOption(wait())
    .action(
      shell.run(async (context, options: PurgeOptions) =>
        purge(context, undefined, { kind: 'all' }, options),
      ),
    )
  const purges = program.command('purges').description('what was purged')
  purges.command('list <site>').description('of a site, the latest first').action(shell.run(listPurges))
  purges
    .command('show <id>')
    .description('one, with a receipt of each edge')
    .action(
      shell.run(async (context, id: string) => {
        const found = await dataOf(context.client.GET('/v1/purges/{id}', { params: { path: { id } } }))
        showPurge(context, found)
      }),
    )
}

interface PurgeOptions {
  url?: string[]
  prefix?: string[]
  tag?: string[]
  all?: boolean
  soft?: boolean
  dryRun?: boolean
  wait: string
}

type What = { kind: 'url' | 'prefix' | 'tag' | 'site'; items?: string[] } | { kind: 'all' }

async function purgeSite(context: Context, site: string, options: PurgeOptions): Promise<void> {
  const kinds = (['url', 'prefix', 'tag'] as const).filter(kind => options[kind] !== undefined)
  if (kinds.length + Number(options.all ?? false) !== 1)
    throw new UsageError('say what to purge: one of --url, --prefix, --tag, --all')
  const [kind] = kinds
  await purge(context, site, kind === undefined ? { kind: 'site' } : { kind, items: options[kind]! }, options)
}

async function purge(
  context: Context,
  site: string | undefined,
  what: What,
  options: PurgeOptions,
): Promise<void> {
  const { client, output } = context
  const { soft = false, dryRun = false, wait } = options
  const headers = { prefer: `wait=${numberOf(wait, 'time in seconds')}` }
  const flags = { soft, dryRun }
  const answer =
    what.kind === 'all'
      ? client.POST('/v1/purges', { headers, body: { kind: 'all', ...flags } })
      : client.POST('/v1/sites/{name}/purges', {
          params: { path: { name: site! } },
          headers,
          body: { ...what, ...flags },
        })
  const made = await dataOf(answer)
  if ('dryRun' in made) {
    return output.rows(made.edges, [
      { title: 'EDGE', of: ({ edge }) => edge },
      { title: 'ENTRIES', of: ({ entries }) => entries },
      { title: 'COMPLETE', of: ({ complete }) => complete },
      { title: 'WHY NOT', of: ({ reasons }) => reasons.join('; ') || undefined },
    ])
  }
  showPurge(context, made)
}

interface ShownPurge {
  id: string
  state: string
  receipts: { name: string; state: string; at: string | null; reasons: string[] }[]
}

function showPurge(context: Context, purged: ShownPurge): void {
  const { output } = context
  if (purged.state === 'pending') context.exitCode = exitCodes.unfinished
  if (purged.state === 'refused') context.exitCode = exitCodes.refused
  if (output.isJson) return output.one({ ...purged })
  output.raw(`purge ${purged.id}: ${purged.state}\n`)
  output.rows(purged.receipts, [
    { title: 'EDGE', of: ({ name }) => name },
    { title: 'STATE', of: ({ state }) => state },
    { title: 'AT', of: ({ at }) => at },
    { title: 'WHY NOT', of: ({ reasons }) => reasons.join('; ') || undefined },
  ])
}

async function listPurges({ client, output }: Context, name: string): Promise<void> {
  const { items } = await dataOf(
    client.GET('/v1/sites/{name}/purges', { params: { path: { name }, query: {} } }),
  )
  output.rows(items, [
    { title: 'PURGE', of: ({ id }) => id },
    { title: 'AT', of: ({ createdAt }) => createdAt },
    { title: 'KIND', of: ({ kind, soft }) => (soft ? `${kind}, soft` : kind) },
    { title: 'STATE', of: ({ state }) => state },
    { title: 'EDGES', of: ({ edges }) => `${edges.applied} of ${edges.total}` },
    { title: 'WHAT', of: ({ items: what }) => what.join(' ') || undefined },
  ])
}
