// What a newly read configuration means for the running edge on SIGHUP: pure. Doing it is supervisor.ts's.
import { diffProcessSettings } from '../../config/diff.js'
import type { EdgeConfig } from '../../config/settings.js'
import type { Loaded, LoadedConfig } from './load.js'

export type Reload =
  /** The file is bad, or settings outside the sites differ, which only new workers can take: keep what runs. */
  | { kind: 'refused'; reason: string; problems: string[] }
  /** Certificates are others: they are read when workers start. */
  | { kind: 'renew' }
  | { kind: 'swap'; loaded: LoadedConfig }

/** `declared` is what is in use as it was read (a port 0 still 0). */
export function judgeReload(loaded: Loaded, declared: Pick<LoadedConfig, 'config' | 'keyDigest'>): Reload {
  if (!loaded.ok) return refused('the configuration is bad', loaded.problems)
  const settings = diffProcessSettings(declared.config, loaded.config)
  if (settings.length === 0) {
    return loaded.keyDigest === declared.keyDigest ? { kind: 'swap', loaded } : { kind: 'renew' }
  }
  return refused(`${settings.join(', ')}: changed outside the sites, SIGUSR2 or a restart applies that`)
}

function refused(reason: string, problems: string[] = []): Reload {
  return { kind: 'refused', reason, problems }
}

/** What names control, and where is kept what it said, is looked at once. */
export function isLedOtherwise(next: EdgeConfig, now: EdgeConfig): boolean {
  const places = ({ control, state }: EdgeConfig) => JSON.stringify([control, state.directory])
  return places(next) !== places(now)
}
