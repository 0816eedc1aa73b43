// Whether the edge that runs is well, is the one that is installed, and runs what its file says.
import type { EdgeConfig } from '../../../config/settings.js'
import type { RunningRead, Status } from './admin.js'
import { about, type Finding } from './finding.js'

const reload = 'systemctl reload naijcloud-edge@a (or @b), or kill -HUP'
/** A keeper speaks every second. */
const reportAgeMaxMs = 10_000

export interface RunningGiven {
  readonly socket: string
  readonly read: RunningRead | Error
  /** Of this package. */
  readonly version: string
}

export function judgeRunning({ socket, read, version }: RunningGiven): Finding[] {
  const say = about('edge.ready', 'an edge that is not ready serves nobody, or not all')
  if (read instanceof Error) {
    const found = `does not answer on ${socket}: ${read.message}`
    return [
      say.warn(found, 'systemctl start naijcloud-edge@a, or run this as its user; its log says why it ended'),
    ]
  }
  const { status, missing } = read
  const found = `on ${socket}, pid ${status.pid}, up ${Math.round(status.uptimeMs / 1_000)} s`
  return [
    missing.length === 0
      ? say.ok(found)
      : say.bad(`${found}: ${missing.join('; ')}`, 'what its log says of that'),
    judgeWorkers(status),
    judgeVersion(status, version),
    ...judgeKeeper(status),
    ...judgeOriginStates(status),
    ...judgeLink(status),
  ]
}

function judgeWorkers({ workers, generation, workerDeaths }: Status): Finding {
  const say = about(
    'edge.workers',
    'a worker that is gone serves nobody until it is replaced, and dies of something',
  )
  const own = workers.filter(worker => worker.generation === generation)
  const ready = own.filter(({ state }) => state === 'ready').length
  const found = `${ready} of ${own.length} ready, ${workerDeaths} died`
  if (ready < own.length) return say.bad(found, 'what the log says of the workers that are not')
  return workerDeaths > 0 ? say.warn(found, 'the log says of each why; a restart counts anew') : say.ok(found)
}

function judgeVersion({ version: runs }: Status, version: string): Finding {
  const say = about('edge.version', 'what was installed serves only after a restart')
  return runs === version
    ? say.ok(version)
    : say.warn(`${runs} runs, ${version} is installed`, 'naijcloud-switch')
}

function judgeKeeper({ keeper, configReloadFailures }: Status): Finding[] {
  const say = about('edge.keeper', 'without it nothing is evicted for room, and purges are not carried out')
  const { state, why, deaths, reportAgeMs } = keeper
  const found = `${state}${why === null ? '' : `: ${why}`}, ${deaths} died`
  const look = 'what the log says of the keeper'
  const isLate = reportAgeMs !== null && reportAgeMs > reportAgeMaxMs
  const finding = isLate
    ? say.bad(`${found}, has said nothing for ${Math.round(reportAgeMs / 1_000)} s`, look)
    : state === 'absent'
      ? say.warn(found, why === null ? look : `what keeps it away: node native/install.mjs builds the addon`)
      : deaths > 0 || state === 'waiting'
        ? say.warn(found, state === 'waiting' ? 'another edge has this cache: another cache.directory' : look)
        : say.ok(found)
  if (configReloadFailures === 0) return [finding]
  const reload = about('edge.reloads', 'after a reload that was refused the configuration before it goes on')
  return [finding, reload.warn(`${configReloadFailures} refused`, `naij-edge --check, then ${reload}`)]
}

/** `rulesMax`: limits.purgeRulesMax. */
export function judgePurges({ keeper }: Status, rulesMax: number): Finding[] {
  if (keeper.purges === null) return []
  const say = about(
    'edge.purges',
    'when so many are in force that no more may be, purges are answered with 429',
  )
  const found = `${keeper.purges.rules} in force, of ${rulesMax}`
  const change = 'fewer, larger purges (tags instead of URLs), or limits.purgeRulesMax larger'
  return [keeper.purges.rules * 2 > rulesMax ? say.warn(found, change) : say.ok(found)]
}

function judgeOriginStates({ origins }: Status): Finding[] {
  const say = about('edge.origins', 'the edge does not ask what is down or ejected, while there is another')
  const bad = origins.filter(({ state }) => state === 'down' || state === 'ejected')
  if (bad.length === 0) return [say.ok(`${origins.length} known, none of them down or ejected`)]
  const shown = bad
    .slice(0, 8)
    .map(({ site, url, state, reason }) => `${url} of ${site} ${state} (${reason})`)
  const found = `${bad.length} of ${origins.length}: ${shown.join(', ')}`
  return [say.warn(found, 'what the origin says of that; healthCheck and ejection say when it counts')]
}

function judgeLink({ control }: Status): Finding[] {
  if (control === null) return []
  const say = about('control.link', 'an edge that does not hear control serves old sites, and does not purge')
  const heard = control.heardAgoMs === null ? 'never heard' : `heard ${seconds(control.heardAgoMs)} ago`
  const found = `${control.url}: ${control.state} for ${seconds(control.sinceMs)}, ${heard}, revision ${control.revision ?? 'none'}`
  const link =
    control.state === 'connected'
      ? say.ok(found)
      : say.bad(
          `${found}: ${control.why}`,
          'start control, or control.url, control.tokenFile, control.caFile',
        )
  const sites = about(
    'control.sites',
    'an edge that refuses what control wants goes on with the sites before',
  )
  const { refused } = control
  const ofSites =
    refused === null
      ? sites.ok(`revision ${control.revision ?? 'none'} is served`)
      : sites.bad(
          `revision ${refused.revision} is refused: ${refused.reasons.join('; ')}`,
          'what the reasons say, then naijctl activate; or naijctl rollback',
        )
  if (!control.purgeUnknown) return [link, ofSites]
  const purges = about('control.purges', 'what was purged meanwhile may still be served')
  return [link, ofSites, purges.warn('not heard yet since the start', 'the link to control')]
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1_000)} s`
}

/** What of the file can be seen in what runs, and whether it is that file; `digest`: of the file that is there. */
export function judgeDrift(status: Status, config: EdgeConfig, digest: string): Finding {
  const say = about(
    'edge.config',
    'a file that does not run takes effect at the next restart, when nobody looks',
  )
  const others = differences(status, config)
  if (others.length > 0) return say.warn(`runs otherwise than the file says: ${others.join(', ')}`, reload)
  if (status.configDigest === undefined)
    return say.note('it cannot be known whether the file is what runs: an older edge', 'naijcloud-switch')
  if (status.configDigest === digest) return say.ok('the file is what runs')
  return say.warn('the file was written since it was read', reload)
}

function differences(status: Status, config: EdgeConfig): string[] {
  const ports = (listeners: readonly { port: number }[]) => listeners.map(({ port }) => port)
  const [running, wanted] = [ports(status.listeners), ports(config.listen)]
  const isOther =
    running.length !== wanted.length || wanted.some((port, at) => port !== 0 && port !== running[at])
  const own = status.workers.filter(({ generation }) => generation === status.generation)
  return [
    ...(isOther ? [`listen on ${running.join(' ')}, not ${wanted.join(' ')}`] : []),
    ...(status.cache.bytesMax === config.cache.bytesMax ? [] : [`cache.bytesMax ${status.cache.bytesMax}`]),
    ...(config.workers === 'auto' || own.length === config.workers ? [] : [`${own.length} workers`]),
    ...(config.control === undefined ? siteDifferences(status, config) : []),
  ]
}

function siteDifferences({ origins }: Status, { sites }: EdgeConfig): string[] {
  const shown = (site: string, { url, weight, backup }: { url: string; weight: number; backup: boolean }) =>
    `${url} of ${site}, weight ${weight}${backup ? ', backup' : ''}`
  const running = new Set(origins.map(origin => shown(origin.site, origin)))
  const wanted = new Set(sites.flatMap(({ name, origins: all }) => all.map(origin => shown(name, origin))))
  return [
    ...[...wanted].filter(text => !running.has(text)).map(text => `without origin ${text}`),
    ...[...running].filter(text => !wanted.has(text)).map(text => `with origin ${text}`),
  ].slice(0, 8)
}
