import { pino } from 'pino'
import t from 'tap'
import type { FromOptimiser, ToOptimiser } from '../../optimise/messages.js'
import { optimiserFamilies } from '../../supervise/optimiser-metrics.js'
import { noOptimiser, OptimiserSlot } from '../../supervise/optimiser-slot.js'
import type { ProcessEvents } from '../../supervise/spawn.js'
import { configUnder } from '../support/supervise-config.js'

function slotOf() {
  const sent: ToOptimiser[] = []
  const lines: string[] = []
  let events: ProcessEvents<FromOptimiser> | undefined
  const log = pino({ level: 'info' }, { write: line => void lines.push(line) })
  const slot = new OptimiserSlot(given => {
    events = given
    return {
      pid: 7,
      send: message => void sent.push(message),
      kill: signal => setImmediate(() => given.exit(null, signal)),
    }
  }, log)
  return {
    slot,
    sent,
    lines,
    say: (message: FromOptimiser) => events!.message(message),
    die: () => events!.exit(1, null),
  }
}

t.test('OptimiserSlot tells it where to listen, and shows what it said', async t => {
  const { slot, sent, say, die, lines } = slotOf()
  t.strictSame(slot.status(), noOptimiser)
  slot.start(configUnder('/tmp/a'))
  t.match(sent, [{ type: 'start', socket: /optimiser-\d+$/ }])
  const totals = { queued: 1, running: 2, jobs: { 'br made': 3, 'br busy': 4 }, milliseconds: { br: 1_500 } }
  say({ type: 'report', totals, residentBytes: 60_000 })
  t.strictSame(slot.status(), { pid: 7, deaths: 0, totals, residentBytes: 60_000 })
  const text = optimiserFamilies(slot.status(), [{ site: 'a', form: 'br', responses: 2, bytes: 700 }]).join(
    '',
  )
  for (const line of [
    'naij_form_responses_total{site="a",form="br"} 2',
    'naij_form_saved_bytes{site="a",form="br"} 700',
    'naij_optimiser_jobs_queued 1',
    'naij_optimiser_jobs_running 2',
    'naij_optimiser_jobs_total{kind="br",outcome="busy"} 4',
    'naij_optimiser_jobs_total{kind="br",outcome="made"} 3',
    'naij_optimiser_job_seconds_total{kind="br"} 1.5',
  ])
    t.ok(text.includes(`${line}\n`), line)
  say({ type: 'failed', message: 'no store' })
  die()
  t.match(slot.status(), { pid: null, deaths: 1, totals: null })
  t.match(lines, [/no store/, /optimiser died/])
  await slot.kill()
})

t.test('OptimiserSlot has none where its path is too long, or where there is nothing to start', async t => {
  const { slot, sent, lines } = slotOf()
  slot.start(configUnder(`/tmp/${'a'.repeat(100)}`, { admin: { socket: '/tmp/a.sock' } }))
  t.strictSame(sent, [])
  t.match(lines, [/its path is too long/])
  const none = new OptimiserSlot(undefined, pino({ level: 'silent' }))
  none.start(configUnder('/tmp/a'))
  t.strictSame(none.status(), noOptimiser)
  await none.stop()
  await none.kill()
})
