// Whether processes may have as many descriptors as the connections that the configuration allows.
import type { EdgeConfig } from '../../../config/settings.js'
import { about, type Finding } from './finding.js'
import type { HostFiles } from './host-files.js'

export interface DescriptorNeeds {
  readonly workers: number
  /** Of clients, of one worker. */
  readonly clients: number
  /** To origins, of one worker. */
  readonly origins: number
}

export interface DescriptorsRead {
  /** RLIMIT_NOFILE of a worker, soft; undefined: no worker runs, or its limits are not ours to read. */
  readonly ofWorker: number | undefined
  /** fs.file-max. */
  readonly ofHost: number | undefined
}

/** Files of the store, sockets to neighbours, pipes, libraries: of one worker. */
const besides = 1_024

export function descriptorNeeds({ listen, sites, limits }: EdgeConfig, workers: number): DescriptorNeeds {
  const clients = listen.reduce((sum, { connectionsMax }) => sum + connectionsMax, 0)
  const allowed = sites.reduce((sum, site) => sum + site.origins.length * site.originConnectionsMax, 0)
  return { workers, clients, origins: Math.min(allowed, limits.exchangesMax + limits.webSocketsMax) }
}

export function readDescriptors(files: HostFiles, workerPid: number | undefined): DescriptorsRead {
  const limits = workerPid === undefined ? undefined : files.text(`/proc/${workerPid}/limits`)
  const ofHost = Number(files.sysctl('fs.file-max'))
  return { ofWorker: openFilesOf(limits), ofHost: Number.isNaN(ofHost) ? undefined : ofHost }
}

/** The soft limit in the text of /proc/PID/limits. */
export function openFilesOf(limits: string | undefined): number | undefined {
  const soft = /^Max open files\s+(\S+)/m.exec(limits ?? '')?.[1]
  if (soft === undefined) return undefined
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft)
}

export function judgeDescriptors(read: DescriptorsRead, needs: DescriptorNeeds): Finding[] {
  return [judgeWorker(read.ofWorker, needs), judgeHost(read.ofHost, needs)]
}

function judgeWorker(limit: number | undefined, { clients, origins }: DescriptorNeeds): Finding {
  const say = about(
    'limits.open-files',
    'a worker without a free descriptor accepts no client and reaches no origin, long before its own bounds',
  )
  const wanted = clients + origins + besides
  const parts = `${clients} clients (listen[].connectionsMax), ${origins} to origins, ${besides} besides`
  if (limit === undefined)
    return say.note(
      `a worker may need ${wanted}: ${parts}; what it may have cannot be read while none runs, or by this user`,
    )
  if (limit >= wanted) return say.ok(`${limit} of a worker, ${wanted} wanted`)
  const change = `LimitNOFILE=${wanted} in the unit of naij-edge (or ulimit -n) and a restart; or lower listen[].connectionsMax`
  const found = `${limit} of a worker, ${wanted} wanted: ${parts}`
  return limit < clients ? say.bad(found, change) : say.warn(found, change)
}

function judgeHost(limit: number | undefined, { workers, clients, origins }: DescriptorNeeds): Finding {
  const say = about('limits.file-max', 'the kernel gives all processes together no more open files')
  const wanted = workers * (clients + origins + besides)
  if (limit === undefined) return say.note('this kernel does not tell it')
  if (limit >= wanted) return say.ok(`${limit} of the host, ${wanted} wanted by ${workers} workers`)
  return say.warn(
    `${limit} of the host, ${wanted} wanted by ${workers} workers`,
    `sysctl -w fs.file-max=${wanted * 2}; and fs.file-max = ${wanted * 2} in /etc/sysctl.d/90-naijcloud.conf`,
  )
}
