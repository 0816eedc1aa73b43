// naijctl usage, quota.
import { type Command, Option } from 'commander'
import { dataOf } from '../client/client.js'
import { type Context, numberOf, type Shell } from './context.js'
import { bytesText } from './output.js'

export function usageCommands(program: Command, shell: Shell): void {
  program
    .command('usage')
    .description('what sites have used')
    .option('--site <site>', 'of one site')
    .option('--from <time>', 'RFC 3339; a day ago')
    .option('--to <time>', 'RFC 3339; now')
    .addOption(new Option('--granularity <unit>', 'by').choices(['hour', 'day', 'month']).default('hour'))
    .option('--csv', 'as CSV')
    .action(shell.run(usage))
  const quota = program.command('quota').description('what a site may use in a month')
  quota.command('show <site>').description('and what it has used').action(shell.run(showQuota))
  quota
    .command('set <site>')
    .description('above soft bounds somebody is warned, above hard ones edges answer 429')
    .option('--requests-soft <count>')
    .option('--requests-hard <count>')
    .option('--bytes-soft <bytes>')
    .option('--bytes-hard <bytes>')
    .action(shell.run(setQuota))
  quota.command('remove <site>').description('it may use what it likes').action(shell.run(removeQuota))
}

interface UsageOptions {
  site?: string
  from?: string
  to?: string
  granularity: 'hour' | 'day' | 'month'
  csv?: boolean
}

async function usage({ client, output }: Context, { csv = false, ...query }: UsageOptions): Promise<void> {
  if (csv) {
    const answer = client.GET('/v1/usage', {
      params: { query: { ...query, format: 'csv' } },
      parseAs: 'text',
    })
    return output.raw((await dataOf(answer)) as unknown as string)
  }
  const answer = await dataOf(client.GET('/v1/usage', { params: { query } }))
  // That is what CSV would be.
  if (typeof answer === 'string') return output.raw(answer)
  output.rows(answer.items, [
    { title: 'SITE', of: ({ site }) => site },
    { title: 'FROM', of: ({ from }) => from.replace(':00.000Z', 'Z') },
    { title: 'REQUESTS', of: ({ requests }) => requests },
    {
      title: 'HITS',
      of: ({ requests, hit, stale, collapsed }) => percent(hit + stale + collapsed, requests),
    },
    { title: 'OUT', of: ({ bytesOut }) => bytesText(bytesOut) },
    { title: 'SAVED', of: ({ bytesSaved }) => bytesText(bytesSaved) },
    { title: '5XX', of: ({ status5xx }) => status5xx },
  ])
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)}%`
}

const quotaPath = '/v1/sites/{name}/quota'

async function showQuota({ client, output }: Context, name: string): Promise<void> {
  output.one(await dataOf(client.GET(quotaPath, { params: { path: { name } } })))
}

async function quotaEtag({ client }: Context, name: string): Promise<{ 'if-match'?: string }> {
  const { response } = await client.GET(quotaPath, { params: { path: { name } } })
  const etag = response.ok ? response.headers.get('etag') : null
  return etag === null ? {} : { 'if-match': etag }
}

async function setQuota(
  context: Context,
  name: string,
  options: Record<string, string | undefined>,
): Promise<void> {
  const bound = (key: string) => (options[key] === undefined ? null : numberOf(options[key], 'bound'))
  const body = {
    requests: { soft: bound('requestsSoft'), hard: bound('requestsHard') },
    bytesOut: { soft: bound('bytesSoft'), hard: bound('bytesHard') },
  }
  const headers = await quotaEtag(context, name)
  context.output.one(
    await dataOf(context.client.PUT(quotaPath, { params: { path: { name } }, headers, body })),
  )
}

async function removeQuota(context: Context, name: string): Promise<void> {
  const headers = await quotaEtag(context, name)
  await dataOf(context.client.DELETE(quotaPath, { params: { path: { name } }, headers }))
  context.output.said(`${name} has no quota`, { name })
}
