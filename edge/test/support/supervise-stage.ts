// A supervisor in the process of a test, with fake workers: its file, its log and its admin socket at hand.
import { openSync, readFileSync, writeFileSync } from 'node:fs'
import type { Test } from 'tap'
import type { KeeperSource } from '../../supervise/keeper-slot.js'
import { loadConfig } from '../../supervise/load.js'
import { Service } from '../../supervise/service.js'
import type { Status } from '../../supervise/status.js'
import { Supervisor } from '../../supervise/supervisor.js'
import { createLogger } from '../../usage/logger.js'
import { type Settings, settingsUnder } from './supervise-config.js'
import { ask } from './supervise-play.js'
import { fakeSpawn, type Manner, sound } from './supervise-spawn.js'
import { until } from './supervise-until.js'

/** A supervisor with fake workers; `furnish` gets its cache directory first; `directory/edge.json` is its configuration. */
export function play(
  t: Test,
  manner: Manner = sound,
  settings: Settings = {},
  furnish = (_: string) => {},
  keeper: KeeperSource = { spawn: undefined, why: undefined },
  { takesOver = false, directory = t.testdir() } = {},
) {
  const all = settingsUnder(directory, settings)
  const file = `${directory}/edge.json`
  const rewrite = (changed: Settings) => writeFileSync(file, JSON.stringify({ ...all, ...changed }))
  rewrite({})
  const loaded = loadConfig(file, false)
  if (!loaded.ok) throw new Error(loaded.problems.join())
  const { spawn, workers } = fakeSpawn(manner)
  const lines: string[] = []
  const logFile = `${directory}/log`
  const processLog = createLogger({ level: 'info', bufferBytesMax: 1e6, destination: openSync(logFile, 'a') })
  const { config } = loaded
  furnish(config.cache.directory)
  const announce = (line: string) => void lines.push(line)
  const said: string[] = []
  const service = new Service({
    notify: message => void said.push(message),
    log: processLog.log,
    environment: {},
    pid: process.pid,
    nowMicroseconds: () => 5n,
  })
  const supervisor = new Supervisor({
    ...{ file, quiet: false, takesOver, loaded, version: '0', cores: 2 },
    ...{ spawn, keeper, processLog, announce, service },
  })
  const status = async () => JSON.parse((await ask(config.admin.socket, '/status')).body) as Status
  return {
    supervisor,
    config,
    workers,
    lines,
    /** To the service manager. */
    said,
    rewrite,
    status,
    ran: supervisor.run(),
    isReady: () => until(() => lines[0]),
    logged: (pattern: RegExp) =>
      until(() => (pattern.test(readFileSync(logFile, 'utf8')) ? true : undefined)),
    waitFor: (is: (status: Status) => boolean) =>
      until(async () => {
        const now = await status()
        return is(now) ? now : undefined
      }),
  }
}
