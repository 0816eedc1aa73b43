// What is done to the edge under torture, at random moments: processes killed and held up, the configuration read again.
import { setTimeout as pause } from 'node:timers/promises'
import { behaviours } from './content.js'
import type { Random } from './random.js'
import type { Victim } from './victim.js'

export const disturbances = [
  'kill a child',
  'stop a child for a while',
  'end a child',
  'reload',
  'new generation',
  'purge',
  'kill the supervisor',
] as const
export type Disturbance = (typeof disturbances)[number]

/** The supervisor rarely: everything starts anew then. */
const weights: Record<Disturbance, number> = {
  'kill a child': 8,
  'stop a child for a while': 4,
  'end a child': 2,
  reload: 4,
  'new generation': 1,
  purge: 4,
  'kill the supervisor': 1,
}
const STOPPED_MS = 700

export function choose(random: Random, of: Partial<Record<Disturbance, number>> = weights): Disturbance {
  const bag = disturbances.flatMap(name => Array<Disturbance>(of[name] ?? 0).fill(name))
  return bag[random.whole(bag.length)]!
}

export async function disturb(what: Disturbance, victim: Victim, random: Random): Promise<void> {
  const children = victim.children()
  const child = children[random.whole(Math.max(children.length, 1))]
  switch (what) {
    case 'kill a child':
      return signal(child, 'SIGKILL')
    case 'end a child':
      return signal(child, 'SIGTERM')
    case 'stop a child for a while':
      signal(child, 'SIGSTOP')
      await pause(STOPPED_MS)
      return signal(child, 'SIGCONT')
    case 'reload':
      victim.writeConfiguration(1_000 + random.whole(1_000))
      return signal(victim.pid, 'SIGHUP')
    case 'new generation':
      return signal(victim.pid, 'SIGUSR2')
    case 'purge':
      return victim.purge(purgeOf(victim, random))
    case 'kill the supervisor':
      signal(victim.pid, 'SIGKILL')
      await victim.ended()
      return victim.start()
  }
}

/** Of everything, hard or soft, or of all that the origin says in one way. */
function purgeOf({ port }: Victim, random: Random): object {
  if (random.whole(2) === 0) return { kind: 'all', soft: random.whole(2) === 0 }
  const behaviour = behaviours[random.whole(behaviours.length)]!
  return { kind: 'prefix', items: [`http://127.0.0.1:${port}/${behaviour}/`] }
}

function signal(pid: number | undefined, name: NodeJS.Signals): void {
  if (pid === undefined || pid === 0) return
  try {
    process.kill(pid, name)
  } catch (error) {
    // It went by itself meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
