// Makes the ground ready before workers start: directories, the admin socket's place, ports, a sound index.
// Everything that cannot be had is an EdgeError whose message says what and why.
import { accessSync, constants, lstatSync, mkdirSync, unlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import type { EdgeConfig, ListenConfig } from '../../config/settings.js'
import { noteFormat, olderFormat } from '../cache/format.js'
import { inspectIndex, setAside } from '../cache/inspect.js'
import { indexBytesMaxOf } from '../cache/segments/sizes.js'
import { EdgeError } from '../error.js'
import { claimFurtherPorts, claimPorts } from './ports.js'

export interface Ground {
  /** The listeners with concrete ports. */
  listen: ListenConfig[]
  /** A line to warn with. */
  warning: string | undefined
}

/** The ground for the first generation. Rejects with an EdgeError. */
export async function prepareGround(config: EdgeConfig): Promise<Ground> {
  prepareDirectories(config)
  await clearSocket(config.admin.socket)
  const listen = await claimPorts(config.listen)
  return { listen, warning: await prepareCache(config.cache) }
}

/**
 * The ground beside another edge that runs, which listens on `ports` and has the index open. Rejects with an EdgeError,
 * also for a cache that has to be brought forward: that needs it alone.
 */
export async function prepareGroundBeside(config: EdgeConfig, ports: readonly number[]): Promise<Ground> {
  prepareDirectories(config)
  const { directory } = config.cache
  if (olderFormat(directory) !== undefined) {
    const message = `${directory}: the cache has an older format, which can be read by one edge alone: stop the running one first`
    throw new EdgeError('cache-format', message, { source: 'edge', status: 503 })
  }
  const shared = config.listen.filter(({ port }) => ports.includes(port))
  const listen = await claimFurtherPorts(config.listen, { declared: shared, claimed: shared })
  return { listen, warning: undefined }
}

/**
 * The ground for a further generation beside the running one, whose configuration was `declared` as read and is
 * `used` with concrete ports. Its ports are kept; its index is open: only another one may be looked at and moved.
 */
export async function prepareFurtherGround(
  next: EdgeConfig,
  declared: EdgeConfig,
  used: EdgeConfig,
): Promise<Ground> {
  prepareDirectories(next)
  if (next.admin.socket !== declared.admin.socket) await clearSocket(next.admin.socket)
  const listen = await claimFurtherPorts(next.listen, { declared: declared.listen, claimed: used.listen })
  const elsewhere = next.cache.directory !== declared.cache.directory
  return { listen, warning: elsewhere ? await prepareCache(next.cache) : undefined }
}

/** Returns a line to warn with. Rejects (`cache-newer`, `cache-format`) for what this version cannot read. */
async function prepareCache({ directory, bytesMax }: EdgeConfig['cache']): Promise<string | undefined> {
  const older = olderFormat(directory)
  const warning = prepareIndex(directory)
  if (older === undefined) return warning
  if (warning !== undefined || older === 0) {
    const trouble = noteFormat(directory)
    return warning ?? trouble
  }
  // Only then is it worth its time to load what opens the index.
  const { migrate } = await import('../cache/migrate.js')
  const { entries, dropped } = await migrate(directory, indexBytesMaxOf(bytesMax))
  noteFormat(directory)
  return `the cache was brought forward from format ${older}: ${entries} entries, ${dropped} could not be read and are gone`
}

/** Creates the directories that the configuration names; throws (`directory`) when one cannot be written. */
function prepareDirectories(config: EdgeConfig): void {
  prepareDirectory('cache.directory', config.cache.directory)
  prepareDirectory('run.directory', config.run.directory)
  prepareDirectory('admin.socket', dirname(config.admin.socket))
}

function prepareDirectory(setting: string, path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o750 })
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (cause) {
    const message = `${setting}: the directory ${path} cannot be written: ${(cause as Error).message}`
    throw new EdgeError('directory', message, { source: 'edge', status: 503, cause })
  }
}

/** How long another supervisor may take to answer a connect. */
const connectMs = 1_000

/**
 * Makes sure that nobody answers on the admin socket, and removes the file that a killed supervisor left.
 * Rejects (`already-running`, `admin-socket`) when somebody does or when the file is not a socket.
 */
export async function clearSocket(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) return
  if (!found.isSocket()) throw socketError('admin-socket', `admin.socket: ${path} exists and is not a socket`)
  if (await answers(path)) {
    throw socketError('already-running', `another naij-edge is running: it answers on ${path}`)
  }
  unlinkSync(path)
}

function socketError(code: string, message: string): EdgeError {
  return new EdgeError(code, message, { source: 'edge', status: 503 })
}

/** Only a refused connection proves that nobody listens: whatever else happens, the file stays. */
function answers(path: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(path)
    const answer = (is: boolean) => {
      socket.destroy()
      resolve(is)
    }
    socket.setTimeout(connectMs, () => answer(true))
    socket.once('connect', () => answer(true))
    socket.once('error', (error: NodeJS.ErrnoException) => answer(error.code !== 'ECONNREFUSED'))
  })
}

/**
 * Puts a damaged index aside, so that the workers start with an empty one: opening it could kill them (a truncated
 * file is a SIGBUS). Returns the line to warn with, or undefined when there was nothing to do. Nobody may have it open.
 */
export function prepareIndex(directory: string): string | undefined {
  const found = inspectIndex(directory)
  if (found.state !== 'damaged') return undefined
  try {
    return `the cache index was damaged (${found.reason}): moved to ${setAside(directory)}, starting with an empty cache`
  } catch (cause) {
    const message = `the cache index in ${directory} is damaged and cannot be moved: ${(cause as Error).message}`
    throw new EdgeError('index', message, { source: 'edge', status: 503, cause })
  }
}
