// naijctl events, tail: what happens, line by line, until somebody ends it.
import type { Command } from 'commander'
import { ApiError, type ApiProblem } from '../client/client.js'
import type { Context, Shell } from './context.js'

export function streamCommands(program: Command, shell: Shell): void {
  program
    .command('events')
    .description('activations, purges, edges, origins, quotas, as they happen')
    .option('--site <site>', 'of one site')
    .option('--after <id>', 'those that are still known, behind this one; 0: all of them')
    .action(shell.run(events))
  program
    .command('tail')
    .description('requests as edges answer them')
    .option('--site <site>', 'of one site')
    .option('--status <status>', 'such as 404 or 5xx')
    .option('--cache-status <word>', 'such as hit or miss')
    .option('--path <prefix>', 'of paths that begin so')
    .option('--sample <percent>', 'so many of a hundred')
    .action(shell.run(tail))
}

interface Message {
  event: string
  data: Record<string, unknown>
}

async function events(context: Context, options: Record<string, string>): Promise<void> {
  for await (const { event, data } of messagesOf(context, '/v1/events', options)) {
    if (context.output.isJson) context.output.raw(`${JSON.stringify(data)}\n`)
    else
      context.output.raw(
        `${data.at ?? ''} ${event} ${data.site ?? '-'} ${JSON.stringify(data.data ?? data)}\n`,
      )
  }
}

async function tail(context: Context, options: Record<string, string>): Promise<void> {
  for await (const { event, data } of messagesOf(context, '/v1/tail', options)) {
    if (context.output.isJson) context.output.raw(`${JSON.stringify(data)}\n`)
    else if (event !== 'request') context.output.progress(`${event}: ${JSON.stringify(data)}`)
    else {
      const { at, edge, site, status, cacheStatus, method, host, target, bytesOut, durationMs } = data
      context.output.raw(
        `${at} ${edge} ${site} ${status} ${cacheStatus} ${method} ${host}${target} ${bytesOut} B ${durationMs} ms\n`,
      )
    }
  }
}

async function* messagesOf(
  { url, token }: Context,
  path: string,
  options: Record<string, string>,
): AsyncGenerator<Message> {
  const query = new URLSearchParams(Object.entries(options))
  const response = await fetch(`${url}${path}?${query}`, { headers: { authorization: `Bearer ${token}` } })
  if (!response.ok) throw new ApiError((await response.json()) as ApiProblem)
  let text = ''
  const decoder = new TextDecoder()
  for await (const piece of response.body!) {
    text += decoder.decode(piece, { stream: true })
    const messages = text.split('\n\n')
    text = messages.pop()!
    for (const message of messages) {
      const event = /^event: (.*)$/m.exec(message)?.[1]
      const data = /^data: (.*)$/m.exec(message)?.[1]
      if (event !== undefined && data !== undefined)
        yield { event, data: JSON.parse(data) as Message['data'] }
    }
  }
}
