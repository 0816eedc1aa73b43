// The kernel's settings that an edge feels, each with its reason. Those of no effect on it are not here.
import type { EdgeConfig } from '../../../config/settings.js'
import { about, type Finding } from './finding.js'
import type { HostFiles } from './host-files.js'

/** Texts as the kernel shows them; undefined where it has no such file. */
export interface KernelRead {
  readonly sysctls: Readonly<Record<string, string | undefined>>
  /** Such as `always [madvise] never`. */
  readonly hugePages: string | undefined
}

/** What the edge needs of it. */
export interface KernelNeeds {
  readonly workers: number
  /** Of one worker to one origin, the most of all sites. */
  readonly originConnectionsMax: number
}

/** Of the listeners of both engines. */
const acceptQueue = 512
const synQueue = 1024
const mapCount = 65_530
/** Of a handful of tries that collide. */
const portsSpare = 1.25

export function readKernel(files: HostFiles): KernelRead {
  const names = [...Object.keys(judges), 'net.ipv4.tcp_available_congestion_control']
  return {
    sysctls: Object.fromEntries(names.map(name => [name, files.sysctl(name)])),
    hugePages: files.text('/sys/kernel/mm/transparent_hugepage/enabled'),
  }
}

export function kernelNeeds(config: EdgeConfig | undefined, workers: number): KernelNeeds {
  const connections = config?.sites.map(({ originConnectionsMax }) => originConnectionsMax) ?? []
  return { workers, originConnectionsMax: connections.reduce((most, each) => Math.max(most, each), 0) }
}

export function judgeKernel(read: KernelRead, needs: KernelNeeds): Finding[] {
  const ofSysctls = Object.entries(judges).map(([name, { why, judge }]) => {
    const value = read.sysctls[name]
    const say = about(`kernel.${name}`, why)
    return value === undefined ? say.note('this kernel does not tell it') : judge({ value, say, read, needs })
  })
  return [...ofSysctls, judgeHugePages(read.hugePages)]
}

interface Judged {
  value: string
  say: ReturnType<typeof about>
  read: KernelRead
  needs: KernelNeeds
}

interface Judge {
  why: string
  judge(judged: Judged): Finding
}

/** The setting now and after the next start of the host. */
export function sysctlChange(name: string, value: string): string {
  const written = value.includes(' ') ? `"${value}"` : value
  return `sysctl -w ${name}=${written}; and ${name} = ${value} in /etc/sysctl.d/90-naijcloud.conf`
}

const judges: Readonly<Record<string, Judge>> = {
  'net.core.somaxconn': {
    why: 'it cuts the queue of accepted connections of each listener: in a burst clients wait a second for their next try',
    judge: ({ value, say }) =>
      Number(value) >= acceptQueue
        ? say.ok(value)
        : say.warn(`${value}, expected at least ${acceptQueue}`, sysctlChange('net.core.somaxconn', '4096')),
  },
  'net.ipv4.tcp_max_syn_backlog': {
    why: 'with more handshakes under way the kernel falls back to SYN cookies, which lose TCP options',
    judge: ({ value, say }) =>
      Number(value) >= synQueue
        ? say.ok(value)
        : say.note(
            `${value}, expected at least ${synQueue}`,
            sysctlChange('net.ipv4.tcp_max_syn_backlog', '4096'),
          ),
  },
  'net.ipv4.tcp_migrate_req': {
    why: 'with 0 the kernel resets connections that wait in the queue of a worker that ends: a few at each hand-over',
    judge: ({ value, say }) =>
      value === '1' ? say.ok(value) : say.warn(value, sysctlChange('net.ipv4.tcp_migrate_req', '1')),
  },
  'net.ipv4.ip_local_port_range': {
    why: 'each connection to an origin takes a port of it; without one, requests are answered with 502',
    judge: judgePorts,
  },
  'net.ipv4.tcp_tw_reuse': {
    why: 'with 0 the port of a connection to an origin stays taken for a minute after its end',
    judge: ({ value, say }) =>
      value === '0' ? say.note(value, sysctlChange('net.ipv4.tcp_tw_reuse', '1')) : say.ok(value),
  },
  'net.ipv4.tcp_congestion_control': {
    why: 'bbr is faster than cubic where clients lose packets, as on mobile networks; measure it',
    judge: judgeCongestion,
  },
  'vm.max_map_count': {
    why: 'memory of V8 and of the index is many mappings; beyond it a process dies of what looks like too little memory',
    judge: ({ value, say }) =>
      Number(value) >= mapCount
        ? say.ok(value)
        : say.warn(
            `${value}, expected at least ${mapCount}`,
            sysctlChange('vm.max_map_count', String(mapCount)),
          ),
  },
  'vm.overcommit_memory': {
    why: 'with 2 the mappings of the index and of V8, larger than what they use, are refused',
    judge: ({ value, say }) =>
      value === '2' ? say.warn(value, sysctlChange('vm.overcommit_memory', '0')) : say.ok(value),
  },
}

function judgePorts({ value, say, needs }: Judged): Finding {
  const [first = Number.NaN, last = Number.NaN] = value.split(/\s+/).map(Number)
  const ports = last - first + 1
  const shown = `${first} to ${last}`
  if (Number.isNaN(ports)) return say.note(`${value}, which is no range`)
  const wanted = needs.workers * needs.originConnectionsMax
  if (ports >= wanted * portsSpare) return say.ok(`${shown}: ${ports} ports`)
  const change = `${sysctlChange('net.ipv4.ip_local_port_range', '10240 65535')}; or lower originConnectionsMax`
  return say.warn(`${shown}: ${ports} ports, and up to ${wanted} connections to one origin`, change)
}

function judgeCongestion({ value, say, read }: Judged): Finding {
  if (value === 'bbr') return say.ok(value)
  const available = read.sysctls['net.ipv4.tcp_available_congestion_control'] ?? ''
  const load = available.split(/\s+/).includes('bbr') ? '' : 'modprobe tcp_bbr; '
  return say.note(value, `${load}${sysctlChange('net.ipv4.tcp_congestion_control', 'bbr')}`)
}

function judgeHugePages(text: string | undefined): Finding {
  const say = about(
    'kernel.transparent_hugepage',
    'with always the kernel makes large pages of the heaps of workers: more resident memory, and pauses while it does',
  )
  if (text === undefined) return say.note('this kernel does not tell it')
  const chosen = /\[(\w+)\]/.exec(text)?.[1] ?? text
  const file = '/sys/kernel/mm/transparent_hugepage/enabled'
  return chosen === 'always'
    ? say.note(
        chosen,
        `echo madvise > ${file}; and transparent_hugepage=madvise on the kernel's command line`,
      )
    : say.ok(chosen)
}
