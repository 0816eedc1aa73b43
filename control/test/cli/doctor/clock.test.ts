import { chmodSync } from 'node:fs'
import t, { type Test } from 'tap'
import { judgeClock, readClock } from '../../../cli/doctor/clock.js'
import { HostFiles } from '../../../cli/doctor/host-files.js'

const nowMs = Date.parse('2027-01-01T00:00:00Z')

t.test('judgeClock() doubts years and clocks that nobody sets', async t => {
  const cases: [string, boolean | undefined, string[]][] = [
    ['2027-01-01', true, ['ok', 'ok']],
    ['1970-01-01', false, ['bad', 'warn']],
    ['2150-01-01', undefined, ['bad', 'note']],
  ]
  for (const [day, is, levels] of cases) {
    const synchronised = is === undefined ? undefined : { by: 'x', is }
    const found = judgeClock({ nowMs: Date.parse(day), synchronised })
    t.strictSame(
      found.map(({ level }) => level),
      levels,
    )
  }
})

/** Only these commands are there. */
function commands(t: Test, scripts: Record<string, string>) {
  const { PATH } = process.env
  const directory = t.testdir(scripts)
  for (const name of Object.keys(scripts)) chmodSync(`${directory}/${name}`, 0o755)
  process.env.PATH = directory
  t.teardown(() => {
    process.env.PATH = PATH
  })
}

t.test('readClock() asks who knows', async t => {
  const none = new HostFiles('/absent')
  t.test('systemd leaves a file', async t => {
    const root = t.testdir({ run: { systemd: { timesync: { synchronized: '' } } } })
    t.match(await readClock(new HostFiles(root), nowMs), { synchronised: { is: true } })
  })
  t.test('chrony', async t => {
    commands(t, { chronyc: '#!/bin/sh\necho "Leap status     : Not synchronised"\n' })
    t.match(await readClock(none, nowMs), { nowMs, synchronised: { by: 'chronyc tracking', is: false } })
  })
  t.test('timedatectl', async t => {
    commands(t, { timedatectl: '#!/bin/sh\necho yes\n' })
    t.match(await readClock(none, nowMs), { synchronised: { by: 'timedatectl show', is: true } })
  })
  t.test('nobody', async t => {
    commands(t, {})
    t.equal((await readClock(none, nowMs)).synchronised, undefined)
  })
})
