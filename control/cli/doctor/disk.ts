// Whether the disk of the cache holds what the configuration asks of it, and whether the edge may use its directories.
import { bytesText } from '../output.js'
import { about, type Finding } from './finding.js'

export interface FileSystemRead {
  /** `f_type` of statfs. */
  readonly type: number
  readonly bytes: number
  /** What an ordinary user may still take. */
  readonly freeBytes: number
  readonly files: number
  readonly freeFiles: number
  /** What the cache has of it already. */
  readonly usedBytes: number
}

export interface DirectoryRead {
  /** Such as `cache.directory`. */
  readonly setting: string
  readonly path: string
  /** undefined: it is not there; an Error: it may not be seen. */
  readonly found:
    | Error
    | { readonly isDirectory: boolean; readonly uid: number; readonly gid: number; readonly mode: number }
    | undefined
}

export interface Throughput {
  readonly bytes: number
  readonly ms: number
}

export interface SpeedRead {
  readonly written: Throughput
  /** undefined: could not be measured past the page cache. */
  readonly read: Throughput | undefined
}

const local: Readonly<Record<number, string>> = {
  61267: 'ext4',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  801189825: 'zfs',
  4076150800: 'f2fs',
}

const unfit: Readonly<Record<number, { name: string; why: string }>> = {
  16914836: { name: 'tmpfs', why: 'is memory: the cache takes it from the workers, and is gone at a reboot' },
  2240043254: {
    name: 'ramfs',
    why: 'is memory: the cache takes it from the workers, and is gone at a reboot',
  },
  2035054128: { name: 'overlay', why: 'is a layer of a container: slow, and gone with it' },
  26985: { name: 'nfs', why: 'is another host: its locks and mappings are not those of a disk' },
  4283649346: { name: 'cifs', why: 'is another host: its locks and mappings are not those of a disk' },
  4266872130: { name: 'smb', why: 'is another host: its locks and mappings are not those of a disk' },
  12805120: { name: 'ceph', why: 'is another host: its locks and mappings are not those of a disk' },
  16914839: { name: '9p', why: 'is another host: its locks and mappings are not those of a disk' },
  1702057286: { name: 'fuse', why: 'is a program: each read is asked of it' },
}

/** What the index and a segment under way take beside the cap. */
const besides = 1.05
const filesWanted = 10_000
const writeSlow = 50 * 2 ** 20
const readSlow = 100 * 2 ** 20

export function judgeFileSystem(read: FileSystemRead, directory: string, bytesMax: number): Finding[] {
  return [judgeType(read.type, directory), judgeSpace(read, directory, bytesMax), judgeFiles(read, directory)]
}

function judgeType(type: number, directory: string): Finding {
  const say = about(
    'disk.file-system',
    'the index is mapped and locked, segments are read and written at once',
  )
  const known = local[type]
  if (known !== undefined) return say.ok(`${known} at ${directory}`)
  const bad = unfit[type]
  if (bad === undefined)
    return say.note(`type 0x${type.toString(16)} at ${directory}, which is not known here`)
  return say.warn(
    `${bad.name} at ${directory}: it ${bad.why}`,
    'cache.directory on a disk of this host with ext4 or xfs',
  )
}

function judgeSpace({ bytes, freeBytes, usedBytes }: FileSystemRead, directory: string, bytesMax: number) {
  const say = about(
    'disk.space',
    'a cap that cannot be reached lets the disk run full, and nothing is stored then',
  )
  const room = freeBytes + usedBytes
  const found = `cache.bytesMax ${bytesText(bytesMax)} at ${directory}: ${bytesText(freeBytes)} free, ${bytesText(usedBytes)} in the cache, of ${bytesText(bytes)}`
  const fitting = Math.floor((room * 0.9) / besides / 2 ** 20)
  const change =
    fitting < 16
      ? 'cache.directory on another disk: this one has no room for a cache'
      : `"cache": { "bytesMax": "${fitting}MiB" }, or room for it`
  if (bytesMax > bytes) return say.bad(found, change)
  return bytesMax * besides > room ? say.warn(found, change) : say.ok(found)
}

function judgeFiles({ files, freeFiles }: FileSystemRead, directory: string): Finding {
  const say = about('disk.inodes', 'without a free one no file can be made, however much room there is')
  // Some file systems make them as they are needed.
  if (files === 0) return say.ok('as many as are needed')
  const found = `${freeFiles} of ${files} free`
  const change = `remove files that nobody needs beside ${directory}: find DIRECTORY -xdev -type f | wc -l`
  if (freeFiles === 0) return say.bad(found, change)
  return freeFiles < filesWanted ? say.warn(found, change) : say.ok(found)
}

/** Text: why it could not be measured. */
export function judgeSpeed(read: SpeedRead | string): Finding[] {
  const writing = about(
    'disk.write',
    'what is slower than the misses come makes them wait in memory, and then not be stored',
  )
  const reading = about('disk.read', 'each hit that is not in memory waits for it')
  if (typeof read === 'string') return [writing.note(`not measured: ${read}`)]
  const change = 'another disk, or what else uses this one: iostat -x 1'
  const written = `${bytesText(rateOf(read.written))}/s over ${bytesText(read.written.bytes)} with fsync`
  const first = rateOf(read.written) < writeSlow ? writing.warn(written, change) : writing.ok(written)
  if (read.read === undefined)
    return [first, reading.note('not measured: this file system reads through the page cache only')]
  const text = `${bytesText(rateOf(read.read))}/s over ${bytesText(read.read.bytes)}`
  return [first, rateOf(read.read) < readSlow ? reading.warn(text, change) : reading.ok(text)]
}

function rateOf({ bytes, ms }: Throughput): number {
  return Math.round((bytes * 1_000) / ms)
}
