// Whether what workers may keep in memory is there, and whether there is a core for each of them.
import type { EdgeConfig } from '../../../config/settings.js'
import { bytesText } from '../output.js'
import { about, type Finding } from './finding.js'
import type { HostFiles } from './host-files.js'

export interface MemoryRead {
  /** Of the host. */
  readonly totalBytes: number | undefined
  /** What the control group of the edge may have; undefined: no bound of its own. */
  readonly groupBytesMax: number | undefined
}

export interface CoresRead {
  readonly cores: number
  /** Of processor time, by its control group; undefined: no bound of its own. */
  readonly groupCores: number | undefined
}

/** Of a worker, of the keeper and the supervisor together, with nothing in them. */
const idleBytes = 120 * 2 ** 20
/** What the kernel and its page cache need: without it every read is one of the disk. */
const usableShare = 0.75

/** `pid`: of the edge, undefined when it does not run. */
export function readMemory(files: HostFiles, pid: number | undefined): MemoryRead {
  const total = /^MemTotal:\s+(\d+) kB/m.exec(files.text('/proc/meminfo') ?? '')?.[1]
  const most = Number(groupText(files, pid, 'memory.max'))
  return {
    totalBytes: total === undefined ? undefined : Number(total) * 1024,
    groupBytesMax: Number.isNaN(most) ? undefined : most,
  }
}

export function readCores(files: HostFiles, pid: number | undefined, cores: number): CoresRead {
  const [quota, period] = (groupText(files, pid, 'cpu.max') ?? '').split(' ').map(Number)
  const isBound = quota !== undefined && period !== undefined && quota > 0 && period > 0
  return { cores, groupCores: isBound ? quota / period : undefined }
}

/** Of version 2: the line `0::/path`. */
function groupText(files: HostFiles, pid: number | undefined, name: string): string | undefined {
  if (pid === undefined) return undefined
  const path = /^0::(\/.*)$/m.exec(files.text(`/proc/${pid}/cgroup`) ?? '')?.[1]
  return path === undefined ? undefined : files.text(`/sys/fs/cgroup${path}/${name}`)
}

export function judgeMemory(
  { totalBytes, groupBytesMax }: MemoryRead,
  { cache, limits }: Pick<EdgeConfig, 'cache' | 'limits'>,
  workers: number,
): Finding[] {
  const say = about(
    'memory.workers',
    'beyond what there is the kernel ends a worker, or swaps what was kept to be fast',
  )
  if (totalBytes === undefined) return [say.note('this kernel does not tell how much memory there is')]
  const bytes = Math.min(totalBytes, groupBytesMax ?? totalBytes)
  const each = cache.hotBytesMax + cache.fillBytesMax + limits.stalledBytesMax + idleBytes
  const wanted = workers * each
  const found = `${workers} workers of up to ${bytesText(each)} (cache.hotBytesMax ${bytesText(cache.hotBytesMax)}, cache.fillBytesMax, limits.stalledBytesMax) are ${bytesText(wanted)} of ${bytesText(bytes)}`
  const kept = workers * (cache.hotBytesMax + idleBytes)
  const change = `cache.hotBytesMax or workers lower: what is kept all the time is ${bytesText(kept)}`
  if (kept > bytes) return [say.bad(found, change), judgeResident(bytes, limits, workers)]
  return [
    wanted > bytes * usableShare ? say.warn(found, change) : say.ok(found),
    judgeResident(bytes, limits, workers),
  ]
}

function judgeResident(bytes: number, limits: EdgeConfig['limits'], workers: number): Finding {
  const say = about(
    'memory.residentBytesMax',
    'above it a worker turns away what would make it larger; when all may have more than there is, the kernel ends one first',
  )
  const found = `${workers} x ${bytesText(limits.residentBytesMax)} of ${bytesText(bytes)}`
  if (workers * limits.residentBytesMax <= bytes) return say.ok(found)
  const share = Math.max(64, Math.floor((bytes * usableShare) / workers / 2 ** 20))
  return say.note(found, `"limits": { "residentBytesMax": "${share}MiB" }`)
}

export function judgeCores({ cores, groupCores }: CoresRead, workers: number): Finding[] {
  const say = about(
    'cores.workers',
    'a worker is one thread: more of them than cores take turns, cores without one are idle',
  )
  const has = Math.min(cores, groupCores ?? cores)
  const whole = Math.max(1, Math.floor(has))
  const found = `${workers} workers, ${cores} cores${groupCores === undefined ? '' : `, of which its control group may use ${groupCores}`}`
  if (workers > whole) return [say.warn(found, `"workers": ${whole}`)]
  if (workers < whole)
    return [say.note(found, `"workers": "auto", unless the other cores are for something else`)]
  return [say.ok(found)]
}
