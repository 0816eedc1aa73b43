import { pino } from 'pino'
import t from 'tap'
import { HelperSlot } from '../../supervise/helper-slot.js'
import type { ProcessEvents } from '../../supervise/spawn.js'
import { until } from '../support/supervise-until.js'

interface Said {
  type: string
}

function slotOf() {
  const helpers: { sent: Said[]; signals: string[]; events: ProcessEvents<Said> }[] = []
  const [heard, lines]: [Said[], string[]] = [[], []]
  const slot = new HelperSlot<Said, Said>({
    name: 'helper',
    log: pino({ level: 'info' }, { write: line => void lines.push(line) }),
    leave: { type: 'leave' },
    onMessage: message => void heard.push(message),
    spawn: events => {
      const helper = { sent: [] as Said[], signals: [] as string[], events }
      helpers.push(helper)
      return {
        pid: 2_000 + helpers.length,
        send: message => void helper.sent.push(message),
        kill: signal => {
          helper.signals.push(signal)
          setImmediate(() => events.exit(null, signal))
        },
      }
    },
  })
  return { slot, helpers, heard, lines, started: (count: number) => until(() => helpers[count - 1]) }
}

t.test('HelperSlot starts one, hears it, and replaces it when it dies, after pauses', async t => {
  const { slot, helpers, heard, lines, started } = slotOf()
  t.equal(slot.pid, undefined)
  slot.start({ type: 'start' }, 20)
  t.strictSame(helpers[0]!.sent, [{ type: 'start' }])
  helpers[0]!.events.message({ type: 'report' })
  t.strictSame(heard, [{ type: 'report' }])
  for (const count of [1, 2, 3]) {
    t.equal(slot.pid, 2_000 + count)
    helpers[count - 1]!.events.exit(null, 'SIGKILL')
    t.match(slot, { pid: undefined, deaths: count })
    await started(count + 1)
  }
  t.strictSame(
    lines.map(line => JSON.parse(line).delayMs),
    [0, 20, 20],
  )
  await slot.kill()
})

t.test('HelperSlot.start() once more has the next begin when the last has left', async t => {
  const { slot, helpers, lines } = slotOf()
  slot.start({ type: 'first' }, 20)
  slot.start({ type: 'second' }, 20)
  slot.start({ type: 'third' }, 20)
  t.strictSame(helpers[0]!.sent, [{ type: 'first' }, { type: 'leave' }])
  t.equal(helpers.length, 1, 'never two')
  helpers[0]!.events.exit(0, null)
  t.strictSame(helpers[1]!.sent, [{ type: 'third' }])
  t.match(lines[0], /helper left/)
  await slot.kill()
})

t.test('HelperSlot.stop() lets it leave, and kills it when it does not', async t => {
  const { slot, helpers } = slotOf()
  await slot.stop()
  slot.start({ type: 'start' }, 20)
  const stopped = slot.stop()
  t.strictSame(helpers[0]!.sent.at(-1), { type: 'leave' })
  await stopped
  t.strictSame(helpers[0]!.signals, ['SIGKILL'])
  t.equal(helpers.length, 1)
  await slot.kill()
})
