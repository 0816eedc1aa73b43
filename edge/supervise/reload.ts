// What a newly read configuration means for the running edge on SIGHUP: pure. Doing it is supervisor.ts's.
import { diffProcessSettings } from '../../config/diff.js'
import type { EdgeConfig } from '../../config/settings.js'
import type { Loaded } from './load.js'

export type Reload =
  /** The file is bad: keep what runs. */
  | { kind: 'bad'; problems: string[] }
  /** Settings outside the sites differ: only new workers can take them. */
  | { kind: 'restart'; settings: string[] }
  | { kind: 'swap'; config: EdgeConfig }

/** `declared` is the configuration in use as it was read (a port 0 still 0). */
export function judgeReload(loaded: Loaded, declared: EdgeConfig): Reload {
  if (!loaded.ok) return { kind: 'bad', problems: loaded.problems }
  const settings = diffProcessSettings(declared, loaded.config)
  return settings.length === 0 ? { kind: 'swap', config: loaded.config } : { kind: 'restart', settings }
}
