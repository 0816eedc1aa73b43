// The lines that the supervisor says about its workers: the one ready line, the log of their coming and going, and why
// they do not get a new configuration.
import type { ListenConfig } from '../../config/settings.js'
import type { Logger } from '../usage/logger.js'
import type { Exit, Link } from './link.js'
import type { Remark } from './load.js'
import { printed } from './ports.js'

/** `naij-edge ready`, each listener's URL, the number of workers, the supervisor's pid. */
export function readyLine(listen: readonly ListenConfig[], workers: number): string {
  const urls = listen.map(one => `${one.tls.certificates.length > 0 ? 'https' : 'http'}://${printed(one)}`)
  return `naij-edge ready ${urls.join(' ')} workers=${workers} pid=${process.pid}`
}

export function logReady(log: Logger, link: Link): void {
  log.info({ ...place(link), startMs: Date.now() - link.startedAtMs }, 'worker ready')
}

/** Once for each process that ended. `delayMs` until the next one starts, undefined when it was meant to end. */
export function logExit(log: Logger, link: Link, exit: Exit, delayMs: number | undefined): void {
  const { failure, ...end } = exit
  const details = {
    ...place(link),
    ...end,
    ...(failure && { failure: failure.code, reason: failure.message }),
  }
  if (delayMs !== undefined) log.error({ ...details, delayMs }, 'worker died')
  else if (exit.code === 0) log.info(details, 'worker left')
  else log.warn(details, 'worker ended before it had finished')
}

export function logRemarks(
  log: Logger,
  remarks: readonly Remark[],
  ...warnings: (string | undefined)[]
): void {
  for (const { level, text } of remarks) log[level](text)
  for (const warning of warnings) if (warning !== undefined) log.warn(warning)
}

export function logRefused(log: Logger, reason: string, problems: readonly string[]): void {
  for (const problem of problems) log.error(problem)
  log.error(`the old configuration stays in use: ${reason}`)
}

function place(link: Link): { slot: number; worker: number; generation: number } {
  return { slot: link.slot, worker: link.pid, generation: link.generation }
}
