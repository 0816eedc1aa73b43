// Whether the clock can be right: what is fresh, and which certificates hold, depends on it.
import { execFile } from 'node:child_process'
import { about, type Finding } from './finding.js'
import type { HostFiles } from './host-files.js'

export interface ClockRead {
  readonly nowMs: number
  /** Who said whether it is synchronised, and what; undefined: nobody could. */
  readonly synchronised: { readonly by: string; readonly is: boolean } | undefined
}

/** When this was written; before it the clock is wrong. */
const yearMin = 2026
const yearMax = 2100
const commandMs = 3_000

const timesyncFile = '/run/systemd/timesync/synchronized'

export async function readClock(files: HostFiles, nowMs: number): Promise<ClockRead> {
  if (files.has(timesyncFile)) return { nowMs, synchronised: { by: timesyncFile, is: true } }
  const leap = /^Leap status\s*: (.+)$/m.exec((await said('chronyc', ['-n', 'tracking'])) ?? '')?.[1]
  if (leap !== undefined) return { nowMs, synchronised: { by: 'chronyc tracking', is: leap === 'Normal' } }
  const shown = await said('timedatectl', ['show', '--property=NTPSynchronized', '--value'])
  const word = shown?.trim()
  const isWord = word === 'yes' || word === 'no'
  return { nowMs, synchronised: isWord ? { by: 'timedatectl show', is: word === 'yes' } : undefined }
}

/** undefined: there is no such command, or it fails. */
function said(command: string, words: readonly string[]): Promise<string | undefined> {
  return new Promise(resolve => {
    execFile(command, words, { timeout: commandMs }, (error, stdout) =>
      resolve(error === null ? stdout : undefined),
    )
  })
}

export function judgeClock({ nowMs, synchronised }: ClockRead): Finding[] {
  const year = new Date(nowMs).getUTCFullYear()
  const ofYear = about(
    'clock.year',
    'with a wrong one certificates do not hold, and Age, Expires and Date mislead',
  )
  const found = new Date(nowMs).toISOString()
  const isPlausible = year >= yearMin && year < yearMax
  return [
    isPlausible ? ofYear.ok(found) : ofYear.bad(found, `date --utc --set="..."; and a time service`),
    judgeSynchronised(synchronised),
  ]
}

function judgeSynchronised(read: ClockRead['synchronised']): Finding {
  const say = about(
    'clock.synchronised',
    'a clock that drifts makes what is fresh stale, and lines of several hosts cannot be laid beside each other',
  )
  if (read === undefined)
    return say.note(`neither ${timesyncFile} nor chronyc nor timedatectl says whether it is`)
  return read.is
    ? say.ok(`so says ${read.by}`)
    : say.warn(`it is not, says ${read.by}`, 'systemctl enable --now chrony (or systemd-timesyncd)')
}
