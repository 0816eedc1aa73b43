// The file under the ground of a host: the zones of one layout and one boot. How files are opened is shared-file.ts's, what lies in them layout.ts's.
import { readdirSync, readFileSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { lock } from '../../native/index.js'
import type { Layout } from './layout.js'
import { groundError, openSharedFile, type SharedFile } from './shared-file.js'
import { ownerMax } from './slot-word.js'

const bootIdFile = '/proc/sys/kernel/random/boot_id'
const zonesName = /^zones-([0-9a-f]{8})-([0-9a-f]{32})$/

/** 32 hexadecimal digits, the same for all processes until the machine starts again. */
export function readBootId(): string {
  return readFileSync(bootIdFile, 'latin1').trim().replaceAll('-', '')
}

/** Only within `openAlone`. Who is alone with it finds no fill in it: those whose they were are dead. */
export function openZones(runDirectory: string, layout: Layout, bootId: string): SharedFile {
  const { header, slots, rows } = layout
  const [high, low] = bootWords(bootId)
  const wideAt = (field: 'magic' | 'layout' | 'bootId') => header.at[field] / 8
  const narrowAt = (field: 'initialised' | 'nextOwner') => header.at[field] / 4
  return openSharedFile({
    path: join(runDirectory, `zones-${layout.name}-${bootId}`),
    bytes: layout.bytes,
    isSound: buffer => {
      const wide = new BigUint64Array(buffer)
      const narrow = new Int32Array(buffer)
      const owners = Atomics.load(narrow, narrowAt('nextOwner'))
      return (
        Atomics.load(narrow, narrowAt('initialised')) === 1 &&
        wide[wideAt('magic')] === layout.magic &&
        wide[wideAt('layout')] === layout.hash &&
        wide[wideAt('bootId')] === high &&
        wide[wideAt('bootId') + 1] === low &&
        owners >= 1
      )
    },
    make: buffer => {
      const wide = new BigUint64Array(buffer)
      wide.set([layout.magic, layout.hash, high, low], wideAt('magic'))
      Atomics.store(new Int32Array(buffer), narrowAt('nextOwner'), 1)
      Atomics.store(new Int32Array(buffer), narrowAt('initialised'), 1)
    },
    renew: buffer => {
      new Uint8Array(buffer, slots.offset, slots.recordBytes * slots.records).fill(0)
      const narrow = new Int32Array(buffer)
      for (let row = 0; row < rows.records; row++) {
        narrow[(rows.offset + row * rows.recordBytes + rows.at.owner) / 4] = 0
      }
    },
  })
}

/** Only within `openAlone`. Removes the zones of other boots, and of other layouts when nobody uses them. */
export function removeOldZones(runDirectory: string, layout: Layout, bootId: string): void {
  for (const name of readdirSync(runDirectory)) {
    const [, itsLayout, itsBootId] = zonesName.exec(name) ?? []
    if (itsLayout === undefined || (itsLayout === layout.name && itsBootId === bootId)) continue
    const path = join(runDirectory, name)
    const alone = lock(path, 'exclusive')
    if (alone === undefined) continue
    unlinkSync(path)
    alone.release()
  }
}

/** A number that no worker had before since the machine started. */
export function takeOwner(buffer: ArrayBuffer, { header }: Layout): number {
  const owner = Atomics.add(new Int32Array(buffer), header.at.nextOwner / 4, 1)
  if (owner >= 1 && owner <= ownerMax) return owner
  throw groundError(
    'ground',
    'run.directory: the numbers of workers are used up until the machine starts again',
  )
}

/** Its digits as two numbers. */
export function bootWords(bootId: string): [bigint, bigint] {
  return [BigInt(`0x${bootId.slice(0, 16)}`), BigInt(`0x${bootId.slice(16)}`)]
}
