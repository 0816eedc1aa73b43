// What is known of control, as metrics: pure. Nothing where there is none.
import type { LedStatus } from './led.js'
import { gauge, only } from './prometheus.js'

export function controlFamilies(control: LedStatus | null): string[] {
  if (control === null) return []
  const { state, heardAgoMs, purgeUnknown, revision, refused } = control
  return [
    gauge('control_connected', 'Whether control is there.', only(Number(state === 'connected'))),
    gauge(
      'purge_unknown',
      'Whether the edge has started without having heard what was purged meanwhile.',
      only(Number(purgeUnknown)),
    ),
    gauge(
      'control_revision',
      'The revision of the sites that are served; 0: none of control.',
      only(revision ?? 0),
    ),
    gauge(
      'control_refused_revision',
      'The last revision that was refused; 0: none.',
      only(refused?.revision ?? 0),
    ),
    ...(heardAgoMs === null
      ? []
      : [gauge('control_heard_seconds', 'Since control was heard last.', only(heardAgoMs / 1_000))]),
  ]
}
