// What is done under torture, to a process that only waits: the real victim is main.play's.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import { choose, type Disturbance, disturb, disturbances } from '../../torture/disturb.js'
import { randomFrom } from '../../torture/random.js'
import type { Victim } from '../../torture/victim.js'

/** `told` is what was asked of it. */
function victimOf(pid: number | undefined, told: unknown[]): Victim {
  const note =
    (what: string) =>
    (...words: unknown[]) =>
      void told.push([what, ...words])
  return {
    pid,
    port: 8080,
    children: () => (pid === undefined ? [] : [pid]),
    writeConfiguration: note('configuration'),
    purge: async (purge: object) => void told.push(purge),
    ended: async () => note('ended')(),
    start: async () => note('start')(),
  } as unknown as Victim
}

const signals: [Disturbance, NodeJS.Signals, told: unknown[]][] = [
  ['kill a child', 'SIGKILL', []],
  ['end a child', 'SIGTERM', []],
  ['reload', 'SIGHUP', [['configuration', 1_000]]],
  ['new generation', 'SIGUSR2', []],
  ['kill the supervisor', 'SIGKILL', [['ended'], ['start']]],
]

for (const [what, expected, wanted] of signals) {
  t.test(`${what}: ${expected}`, async t => {
    const child = spawn('sleep', ['60'])
    t.teardown(() => child.kill('SIGKILL'))
    const gone = once(child, 'exit')
    const told: unknown[] = []
    await disturb(what, victimOf(child.pid, told), { whole: () => 0 } as never)
    t.strictSame(await gone, [null, expected])
    t.strictSame(told, wanted)
    // It is gone, which is no failure.
    await disturb(what, victimOf(child.pid, []), { whole: () => 0 } as never)
    await disturb(what, victimOf(undefined, []), { whole: () => 0 } as never)
  })
}

t.test('a child that is stopped for a while goes on', async t => {
  const child = spawn('sleep', ['60'])
  t.teardown(() => child.kill('SIGKILL'))
  await disturb('stop a child for a while', victimOf(child.pid, []), randomFrom(1))
  t.ok(child.kill('SIGTERM'))
  t.strictSame(await once(child, 'exit'), [null, 'SIGTERM'])
})

t.test('purges are of all, hard or soft, or of what the origin says in one way', async t => {
  const told: unknown[] = []
  const random = randomFrom(3)
  for (let turn = 0; turn < 40; turn += 1) await disturb('purge', victimOf(undefined, told), random)
  t.ok(told.some(purge => (purge as { kind: string }).kind === 'all'))
  const prefixes = told.filter(purge => (purge as { kind: string }).kind === 'prefix')
  t.ok(prefixes.length > 0)
  for (const purge of prefixes) t.match(purge, { items: [/^http:\/\/127\.0\.0\.1:8080\/[a-z-]+\/$/] })
})

t.test('choose() comes to all of them', async t => {
  const random = randomFrom(5)
  t.strictSame(new Set(Array.from({ length: 500 }, () => choose(random))), new Set(disturbances))
  t.equal(choose(random, { purge: 1 }), 'purge')
})
