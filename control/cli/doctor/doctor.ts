// naijctl doctor: reads what there is to read of an edge and its host, one group after the other, and has each judged.
import { readlinkSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { type EdgeConfig, workerCount } from '../../../config/settings.js'
import { askEdge, type RunningRead } from './admin.js'
import { judgeCertificate, readCertificates } from './certificates.js'
import { judgeClock, readClock } from './clock.js'
import { filesNamed, judgeConfig, judgeFiles, judgePaths, readConfigFile } from './config-file.js'
import { descriptorNeeds, judgeDescriptors, readDescriptors } from './descriptors.js'
import { judgeDirectories, judgeRunPaths, type User, userOf } from './directories.js'
import { judgeFileSystem, judgeSpeed } from './disk.js'
import { measureSpeed, readDirectory, readFileSystem } from './disk-read.js'
import { about, type Finding } from './finding.js'
import { HostFiles } from './host-files.js'
import { judgeKernel, kernelNeeds, readKernel } from './kernel.js'
import { judgeCores, judgeMemory, readCores, readMemory } from './memory.js'
import { askOrigins, judgeOrigin, judgeOriginsLeft, type OriginAsked, originsOf } from './origins.js'
import { judgeDrift, judgePurges, judgeRunning } from './running.js'

export interface DoctorOptions {
  /** The edge's configuration. */
  readonly config: string
  /** What /proc, /sys and /run are below. */
  readonly root: string
  readonly diskTest: boolean
  /** Of this package. */
  readonly version: string
}

/** Throws a `UsageError` when there is no file. */
export async function diagnose(options: DoctorOptions): Promise<Finding[]> {
  const read = readConfigFile(resolve(options.config))
  const files = new HostFiles(options.root)
  const ofConfig = judgeConfig(read)
  if (!read.parsed.ok) {
    const say = about(
      'config.rest',
      'limits, disk, memory, certificates, origins and the edge are judged by it',
    )
    const kernel = judgeKernel(readKernel(files), kernelNeeds(undefined, availableParallelism()))
    const clock = judgeClock(await readClock(files, Date.now()))
    return [...ofConfig, say.note('not looked at, as the configuration is bad'), ...kernel, ...clock]
  }
  const { config } = read.parsed
  const socket = resolve(config.admin.socket)
  const running = await askEdge(socket)
  // Behind the answer: since when the edge is up is counted back from it.
  const nowMs = Date.now()
  const host = hostOf(files, config, running)
  return [
    ...ofConfig,
    ...judgeFiles(filesNamed(config).map(([setting, path]) => [setting, host.at(path)])),
    ...judgePaths(pathsOf(config), host.base),
    ...judgeRunning({ socket, read: running, version: options.version }),
    ...(running instanceof Error
      ? []
      : [
          judgeDrift(running.status, config, read.digest),
          ...judgePurges(running.status, config.limits.purgeRulesMax),
        ]),
    ...judgeHost(files, config, host),
    ...judgeDisk(config, host, options.diskTest),
    ...judgeClock(await readClock(files, nowMs)),
    ...readCertificates(config, host.at).flatMap(each => judgeCertificate(each, nowMs)),
    ...(await judgeOrigins(config, running)),
  ]
}

interface Host {
  /** What relative paths are below. */
  readonly base: string
  at(path: string): string
  readonly user: User
  readonly workers: number
  readonly cores: number
  /** Of the supervisor and of one worker; undefined while none runs. */
  readonly pid: number | undefined
  readonly workerPid: number | undefined
}

function hostOf(files: HostFiles, config: EdgeConfig, running: RunningRead | Error): Host {
  const status = running instanceof Error ? undefined : running.status
  const base = directoryOf(files, status?.pid) ?? process.cwd()
  const self = { uid: process.getuid?.() ?? 0, gids: process.getgroups?.() ?? [], isEdge: false }
  const cores = availableParallelism()
  return {
    base,
    at: path => resolve(base, path),
    user: userOf(status && files.text(`/proc/${status.pid}/status`)) ?? self,
    workers: workerCount(config, cores),
    cores,
    pid: status?.pid,
    workerPid: status?.workers.find(({ pid }) => pid !== null)?.pid ?? undefined,
  }
}

/** Where a process was started; undefined when it cannot be known. */
function directoryOf(files: HostFiles, pid: number | undefined): string | undefined {
  try {
    return pid === undefined ? undefined : readlinkSync(files.at(`/proc/${pid}/cwd`))
  } catch {
    return undefined
  }
}

function pathsOf({ cache, run, state, admin }: EdgeConfig): string[] {
  return [cache.directory, run.directory, state.directory, admin.socket]
}

function judgeHost(files: HostFiles, config: EdgeConfig, host: Host): Finding[] {
  const { workers, workerPid, pid, cores } = host
  return [
    ...judgeKernel(readKernel(files), kernelNeeds(config, workers)),
    ...judgeDescriptors(readDescriptors(files, workerPid), descriptorNeeds(config, workers)),
    ...judgeMemory(readMemory(files, pid), config, workers),
    ...judgeCores(readCores(files, pid, cores), workers),
  ]
}

/** What is left of the disk by the speed test. */
const spareBytes = 256 * 2 ** 20

function judgeDisk(config: EdgeConfig, host: Host, diskTest: boolean): Finding[] {
  const directory = host.at(config.cache.directory)
  const directories = [
    readDirectory('cache.directory', directory),
    readDirectory('run.directory', host.at(config.run.directory)),
    ...(config.control === undefined
      ? []
      : [readDirectory('state.directory', host.at(config.state.directory))]),
  ]
  const ofDirectories = [
    ...judgeDirectories(directories, host.user),
    ...judgeRunPaths(config.admin.socket, config.run.directory),
  ]
  try {
    const found = readFileSystem(directory)
    const isRoom = found.freeBytes > spareBytes
    const speed = !diskTest ? '--no-disk-test' : isRoom ? speedOf(directory) : 'there is hardly any room'
    const ofSystem = judgeFileSystem(found, directory, config.cache.bytesMax)
    return [...ofSystem, ...judgeSpeed(speed), ...ofDirectories]
  } catch (error) {
    const say = about('disk.space', 'without a disk nothing is stored')
    const finding = say.bad(
      `${directory}: ${(error as Error).message}`,
      'run this as root, or as the user of the edge; or another cache.directory',
    )
    return [finding, ...ofDirectories]
  }
}

function speedOf(directory: string) {
  try {
    return measureSpeed(directory)
  } catch (error) {
    return (error as Error).message
  }
}

async function judgeOrigins(config: EdgeConfig, running: RunningRead | Error): Promise<Finding[]> {
  const asked = config.control === undefined ? originsOf(config.sites) : originsOfControl(running)
  const reads = await askOrigins(asked)
  return [...reads.map(judgeOrigin), ...judgeOriginsLeft(asked.length)]
}

/** What the defaults allow: how a site of control asks is not in the file. */
const connectMs = 3_000

function originsOfControl(running: RunningRead | Error): OriginAsked[] {
  if (running instanceof Error) return []
  const { origins } = running.status
  return origins.map(({ site, url, backup }) => ({ site, url, isBackup: backup, connectMs }))
}
