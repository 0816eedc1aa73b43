// Many clients that ask for one thing in the same moment and read it whole. Nobody reads on before all have begun:
// otherwise the last first byte would mostly tell how long one process takes to read the bodies of the others.
import { Problem } from '../problem.js'
import { quantile } from '../statistics.js'
import { type Client, connectClients } from './client.js'

export interface Herd {
  /** Milliseconds from asking to the first byte: of the median client and of the last. */
  firstMedianMs: number
  firstLastMs: number
  /** Until the last client had everything. */
  wholeMs: number
}

const LIMIT_MS = 60_000

export interface HerdOptions {
  port: number
  target: string
  clients: number
  body: Buffer
  limitMs?: number
}

/** Throws a Problem when one of them did not get every byte. */
export async function herd({ port, target, clients, body, limitMs = LIMIT_MS }: HerdOptions): Promise<Herd> {
  const all = await connectClients(port, clients, body)
  const beganMs = performance.now()
  for (const client of all) {
    client.allow(1)
    client.ask(target)
  }
  await within(limitMs, readAll(all))
  const right = all.filter(({ state }) => state === 'whole').length
  for (const client of all) client.leave()
  if (right !== clients) throw new Problem(`${target}: only ${right} of ${clients} answers were right`, 1)
  const firsts = all.map(({ firstByteMs }) => firstByteMs - beganMs)
  return {
    firstMedianMs: quantile(firsts, 0.5),
    firstLastMs: quantile(firsts, 1),
    wholeMs: performance.now() - beganMs,
  }
}

async function readAll(all: readonly Client[]): Promise<void> {
  await Promise.all(all.map(client => client.begun()))
  for (const client of all) client.allow(Number.POSITIVE_INFINITY)
  await Promise.all(all.map(client => client.ended()))
}

/** Resolves at the latest after so long. */
async function within(limitMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>(resolve => {
    timer = setTimeout(resolve, limitMs)
  })
  await Promise.race([work, late])
  clearTimeout(timer)
}
