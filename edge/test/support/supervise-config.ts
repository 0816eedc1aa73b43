// A whole configuration for the supervisor's tests, from the few settings a test cares for.
import { parseConfigValue } from '../../../config/parse.js'
import type { EdgeConfig } from '../../../config/settings.js'

export interface Settings {
  [setting: string]: unknown
}

/** The smallest sound configuration under `directory`, with `settings` over it. */
export function settingsUnder(directory: string, settings: Settings = {}): Settings {
  return {
    listen: [{ address: '127.0.0.1', port: 0 }],
    workers: 2,
    // Sources are compiled at each start, on a machine that may be busy.
    workerReadyMs: '60s',
    cache: { directory: `${directory}/cache`, bytesMax: '16MiB' },
    run: { directory: `${directory}/run` },
    // A unix socket's path is short; test directories are long.
    admin: { socket: `/tmp/naij-${process.pid}-${++sockets}.sock` },
    sites: [{ name: 'first', hosts: ['*'], origins: ['http://127.0.0.1:9'] }],
    ...settings,
  }
}

let sockets = 0

/** The same, parsed; throws when a test's settings are not sound. */
export function configUnder(directory: string, settings: Settings = {}): EdgeConfig {
  const parsed = parseConfigValue(settingsUnder(directory, settings))
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.config
}
