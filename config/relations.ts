// The rules between settings: nothing twice, nothing larger than what holds it. Reads a filled value that may still
// be wrong elsewhere (check.ts reports that), so that all problems are told together.
import { isIPv6 } from 'node:net'
import { isPlain } from './plain.js'
import { type Fault, pathText, type Segments, shown } from './problems.js'

/** `sun_path` of Linux is 108 bytes with its final zero byte. */
const socketPathBytesMax = 107

interface Place {
  readonly segments: Segments
  readonly value: unknown
}

/** What of `filled` contradicts itself; misfits of single settings are skipped in silence. */
export function checkRelations(filled: unknown): Fault[] {
  const sites = items({ segments: [], value: filled }, 'sites')
  return [
    ...repeatedListeners(items({ segments: [], value: filled }, 'listen')),
    ...items({ segments: [], value: filled }, 'listen').flatMap(engineFaults),
    ...repeatedHostsAndNames(sites),
    ...sites.flatMap(site => cacheFaults(member(site, 'cache'))),
    ...sites.flatMap(originFaults),
    ...socketTooLong(filled),
  ]
}

/** What the engine uws has by itself, or cannot know: said of it, a setting would be obeyed by nobody. */
const ofNode = ['connectionsPerAddressMax', 'headMs', 'idleMs', 'streamsMax', 'resetsPerMinuteMax']

function engineFaults(listener: Place): Fault[] {
  if (!isPlain(listener.value) || listener.value.engine === 'node') return []
  return ofNode
    .map(name => member(listener, name))
    .filter(({ value }) => value !== undefined)
    .map(({ segments }) => ({
      segments,
      message: 'is nothing that the engine uws can be told, expected it beside engine "node" only',
    }))
}

/** A name that comes from a repeated first host is not told again: nobody wrote it. */
function repeatedHostsAndNames(sites: readonly Place[]): Fault[] {
  const hosts = repeatedTexts(
    sites.flatMap(site => items(site, 'hosts')),
    'host',
  )
  const hostPaths = new Set(hosts.map(({ segments }) => pathText(segments)))
  const named = sites.filter(site => {
    const [firstHost] = items(site, 'hosts')
    const isFromHost = firstHost !== undefined && firstHost.value === member(site, 'name').value
    return !isFromHost || !hostPaths.has(pathText(firstHost.segments))
  })
  const names = repeatedTexts(
    named.map(site => member(site, 'name')),
    'site name',
  )
  return [...hosts, ...names]
}

function cacheFaults(cache: Place): Fault[] {
  return [
    ...repeatedTexts(items(cache, 'targets'), 'field'),
    ...repeatedTexts(items(cache, 'keyFields'), 'field'),
    ...items(cache, 'rules').flatMap(ruleFaults),
    ...floorFaults(cache),
  ]
}

function floorFaults(cache: Place): Fault[] {
  const [floor, ceiling] = [member(cache, 'bytesMin'), member(cache, 'bytesMax')]
  const isAbove =
    typeof floor.value === 'number' && typeof ceiling.value === 'number' && floor.value > ceiling.value
  if (!isAbove) return []
  return [
    { segments: floor.segments, message: `is ${floor.value}, expected at most bytesMax, ${ceiling.value}` },
  ]
}

/** One that is there twice would have two healths; and a backup backs up another. */
function originFaults(site: Place): Fault[] {
  const origins = items(site, 'origins')
  const urls = origins.map(origin => member(origin, 'url'))
  const faults = repeatedTexts(urls.map(plainOrigin), 'origin')
  const isBackup = (origin: Place) => member(origin, 'backup').value === true
  if (origins.length === 0 || !origins.every(isBackup)) return faults
  const { segments } = member(site, 'origins')
  return [...faults, { segments, message: 'are all backups, expected at least one that is not' }]
}

/** As parse.ts writes it: the same however it was spelt. */
function plainOrigin({ segments, value }: Place): Place {
  const isUrl = typeof value === 'string' && URL.canParse(value)
  return { segments, value: isUrl ? new URL(value).origin : value }
}

const ruleTimes = ['ttlMs', 'staleWhileRevalidateMs', 'staleIfErrorMs'] as const

/** A rule that forces nothing, or times on what is not stored, is not what its writer meant. */
function ruleFaults({ segments, value }: Place): Fault[] {
  if (!isPlain(value)) return []
  const times = ruleTimes.filter(name => value[name] !== undefined)
  if (value.preset === undefined && times.length === 0) {
    return [{ segments, message: `forces nothing, expected one of preset, ${ruleTimes.join(', ')}` }]
  }
  if (value.preset !== 'never') return []
  return times.map(name => ({
    segments: [...segments, name],
    message: 'is a time of what is not stored, expected none beside the preset "never"',
  }))
}

function repeatedTexts(places: readonly Place[], noun: string): Fault[] {
  const firsts = new Map<string, Segments>()
  const faults: Fault[] = []
  for (const { segments, value } of places) {
    if (typeof value !== 'string') continue
    const first = firsts.get(value)
    if (first === undefined) firsts.set(value, segments)
    else
      faults.push({
        segments,
        message: `${shown(value)} is already at ${pathText(first)}, expected each ${noun} once`,
      })
  }
  return faults
}

/** Port 0 may stand twice: the system chooses two. */
function repeatedListeners(listeners: readonly Place[]): Fault[] {
  const firsts = new Map<string, Segments>()
  const faults: Fault[] = []
  for (const { segments, value } of listeners) {
    if (!isPlain(value) || typeof value.port !== 'number' || value.port === 0) continue
    const sockets = addressesOf(value.address).map(address => `${address} ${value.port}`)
    const taken = sockets.find(socket => firsts.has(socket))
    if (taken === undefined) for (const socket of sockets) firsts.set(socket, segments)
    else {
      const message = `listens where ${pathText(firsts.get(taken)!)} does, expected each address and port once`
      faults.push({ segments, message })
    }
  }
  return faults
}

/** An absent address is both "all" addresses; IPv6 has many spellings, of which URL makes one. */
function addressesOf(address: unknown): string[] {
  if (address === undefined) return ['0.0.0.0', '[::]']
  if (typeof address !== 'string') return []
  const url = `http://[${address}]`
  return [isIPv6(address) && URL.canParse(url) ? new URL(url).hostname : address]
}

function socketTooLong(filled: unknown): Fault[] {
  const { segments, value } = member(member({ segments: [], value: filled }, 'admin'), 'socket')
  if (typeof value !== 'string' || Buffer.byteLength(value) <= socketPathBytesMax) return []
  const message = `${shown(value)} has ${Buffer.byteLength(value)} bytes, expected a path of at most ${socketPathBytesMax}`
  return [{ segments, message }]
}

function member({ segments, value }: Place, key: string): Place {
  return { segments: [...segments, key], value: isPlain(value) ? value[key] : undefined }
}

function items(place: Place, key: string): Place[] {
  const { segments, value } = member(place, key)
  return Array.isArray(value)
    ? value.map((item, index) => ({ segments: [...segments, index], value: item }))
    : []
}
