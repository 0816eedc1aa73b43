// The settings table: every setting with unit, default, range and reason. Types, checks, defaults and the reference
// page come from it; reading a config is parse.ts. A setting that nothing implements is not here: its key is unknown.
import { control } from './control-link.js'
import {
  bytes,
  choice,
  count,
  countOrAuto,
  flag,
  group,
  list,
  listOrNone,
  optional,
  type Parsed,
  text,
  time,
} from './leaf.js'
import { limits } from './limits.js'
import { listen } from './listen.js'
import { optimise } from './optimise.js'
import { siteCache } from './site-cache.js'
import { https } from './site-https.js'
import { siteOptimise } from './site-optimise.js'
import {
  balance,
  ejection,
  healthCheck,
  origin,
  originTls,
  retries,
  timeouts,
  webSocket,
} from './site-origins.js'
import { workerTimes } from './worker-times.js'

const cache = group(
  {
    directory: text(
      'path',
      'Where stored responses are kept; its content may be deleted while the edge is stopped.',
      {
        default: './var/cache',
      },
    ),
    bytesMax: bytes('1GiB', ['16MiB', '64TiB'], 'Bytes of stored responses that are kept.'),
    objectBytesMax: bytes(
      '1GiB',
      ['1KiB', '4GiB'],
      'A larger body passes through without being stored, and so does one over a quarter of `bytesMax`; without the native addon, one over 1 MiB.',
    ),
    hotBytesMax: bytes(
      '64MiB',
      ['0B', '64GiB'],
      'Bytes of stored responses that each worker keeps in its own memory over the store.',
    ),
    replay: flag(true, 'Plain hits are given ahead of the engine, for 1 KB per 4 KiB of `hotBytesMax`.'),
    fillBytesMax: bytes(
      '64MiB',
      ['64KiB', '16GiB'],
      'Bytes in memory of answers on their way to the store, per worker; above it answers stream without being stored.',
    ),
    sliceBytes: bytes(
      '1MiB',
      ['64KiB', '64MiB'],
      'Size of the blocks in which a longer object is kept when it is asked for in parts, or is longer than `objectBytesMax`; what is stored keeps its own.',
    ),
    evictedReadMaxMs: time(
      '1m',
      ['0ms', '1h'],
      'How long a client may go on reading a body that has left the store, and keep its bytes on the disk; then it is broken off.',
    ),
    closeTimeoutMs: time(
      '5s',
      ['0ms', '1h'],
      'How long a process that ends waits for bodies that are still being written; those that are not at their end then are not stored.',
    ),
  },
  'The store of responses.',
)

const run = group(
  {
    directory: text('path', 'Where spool files and the admin socket live; nothing in it survives a reboot.', {
      derived: '`run` beside `cache.directory`',
    }),
  },
  'State of the running edge.',
)

const state = group(
  {
    directory: text(
      'path',
      'Where the edge keeps what has to last: what control told it, and how far it has heard.',
      {
        derived: '`state` beside `cache.directory`',
      },
    ),
  },
  'What outlives the cache.',
)

const admin = group(
  {
    socket: text('path', 'The unix socket of the admin interface; at most 107 bytes, as the kernel allows.', {
      derived: '`edge.sock` in `run.directory`',
    }),
  },
  'The admin interface.',
)

const log = group(
  {
    level: choice(['debug', 'info', 'warn', 'error'], 'info', 'The least severe messages that are logged.'),
    access: choice(['json', 'off'], 'json', 'Whether requests write one line each.'),
    accessEvery: count(
      1,
      [1, 1_000_000],
      'Of so many requests one writes a line, in each worker; what ended with 5xx or an error always does.',
    ),
    clientAddress: choice(
      ['whole', 'truncated', 'off'],
      'whole',
      'What of the address of a client is written down: all, its network (three bytes of IPv4, 48 bits of IPv6), or nothing.',
    ),
    query: choice(['whole', 'off'], 'whole', 'Whether queries are written down with the targets.'),
    bufferBytesMax: bytes(
      '1MiB',
      ['4KiB', '1GiB'],
      'Bytes of log lines that wait for a slow reader, per process; above it lines are dropped and counted.',
    ),
  },
  'Log lines on standard output.',
)

const site = group(
  {
    name: text('siteName', 'The name of the site in logs, metrics and purges; unique.', {
      derived: 'the first of `hosts`',
    }),
    hosts: list(
      text(
        'host',
        'A host of the site: an exact name, a wildcard for all names below, or `*` for all others.',
      ),
      1000,
      'The hosts the site answers for; no two sites share one.',
    ),
    origins: list(origin, 64, 'The origin servers of the site.'),
    balance,
    originHost: optional(
      text('hostAndPort', 'The Host sent to the origins; absent means that `originHostPolicy` decides.'),
    ),
    originHostPolicy: choice(
      ['client', 'origin'],
      'client',
      "The Host sent to an origin: the client's, or that of the origin's own URL.",
    ),
    originPath: optional(
      text('originPath', 'What is put before the path of every request to the origins, such as "/shop".'),
    ),
    originTls,
    dnsTtlMs: time(
      '30s',
      ['0ms', '24h'],
      "How long the addresses of an origin's name are used before they are asked for anew; 0 asks for every connection.",
    ),
    forwardedFor: choice(
      ['replace', 'append'],
      'replace',
      "Whether the client's X-Forwarded-For is dropped or continued; append only behind a proxy of your own.",
    ),
    originConnectionsMax: count(256, [1, 65_535], 'Connections per worker and origin.'),
    originPendingMax: count(
      1024,
      [0, 1_000_000],
      'Requests waiting for a connection, per worker and origin; above it the answer is 503.',
    ),
    timeouts,
    healthCheck,
    ejection,
    retries,
    webSocket,
    https,
    overQuota: flag(
      false,
      'Every request is answered with 429; control sets it when what the site may use in a month is used up.',
    ),
    cache: siteCache,
    optimise: siteOptimise,
  },
  'One site.',
)

/** The whole table. */
export const edgeSettings = group(
  {
    listen: list(listen, 64, 'Where clients connect.'),
    workers: countOrAuto([1, 256], 'Worker processes; `auto` is one per core.'),
    cache,
    run,
    state,
    control,
    controlWaitMs: time(
      '2s',
      ['0ms', '5m'],
      'How long the start waits for control, to hear what was purged meanwhile; then the edge serves what it has.',
    ),
    admin,
    log,
    cdnId: text('cacheName', 'What we call ourselves in Via, CDN-Loop and Cache-Status.', {
      default: 'naij',
    }),
    loopMax: count(3, [1, 100], 'How often CDN-Loop may already name us; above it the answer is 508.'),
    ...workerTimes,
    limits,
    optimise,
    sites: listOrNone(
      site,
      { byDefault: [], itemsMax: 10_000 },
      'The sites; with `control` they come from there.',
    ),
  },
  'The edge.',
)

export type EdgeConfig = Parsed<typeof edgeSettings>
export type ListenConfig = EdgeConfig['listen'][number]
export type TlsConfig = ListenConfig['tls']
export type CertificateConfig = TlsConfig['certificates'][number]
/** Where a listener is. */
export type ListenAddress = Pick<ListenConfig, 'address' | 'port'>
export type CacheConfig = EdgeConfig['cache']
export type LogConfig = EdgeConfig['log']
export type ControlConfig = NonNullable<EdgeConfig['control']>
export type LimitsConfig = EdgeConfig['limits']
export type SiteConfig = EdgeConfig['sites'][number]
export type OriginConfig = SiteConfig['origins'][number]
export type TimeoutsConfig = SiteConfig['timeouts']
export type SiteCacheConfig = SiteConfig['cache']
export type OptimiseConfig = EdgeConfig['optimise']
export type SiteOptimiseConfig = SiteConfig['optimise']
export type ImageConfig = SiteOptimiseConfig['image']
export type RuleConfig = SiteCacheConfig['rules'][number]

/** How many workers to run on a machine of `cores` cores. */
export function workerCount(config: Pick<EdgeConfig, 'workers'>, cores: number): number {
  return config.workers === 'auto' ? Math.min(Math.max(1, Math.floor(cores)), 256) : config.workers
}
