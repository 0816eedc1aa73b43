// A second process on the same store, for the tests: takes one command over IPC, answers over IPC, and may be killed
// at any moment. Arguments: directory, bytesMax, command, name of this writer.
import { openLmdbStore } from '../../cache/lmdb.js'
import type { LmdbStore } from '../../cache/lmdb-store.js'
import { randomFrom, recordOf } from './store-records.js'

const [directory = '', bytesMax = '0', command = '', name = ''] = process.argv.slice(2)

/** Sizes that take every way through LMDB: inline, one page, several, many. */
const sizes = [0, 200, 1_500, 2_500, 9_000, 70_000, 300_000]

const store = openLmdbStore({
  directory,
  bytesMax: Number(bytesMax),
  writeQueueBytesMax: 8 * 1024 * 1024,
  hotBytesMax: 1024 * 1024,
  log: () => {},
})

/** Puts without end, forty keys in turn; removes now and then. */
async function writeForEver(random: () => number): Promise<void> {
  process.send?.({ started: true })
  for (let round = 0; ; round++) {
    const key = `${name}:${round % 40}`
    if (round % 11 === 10) await store.remove(key)
    const puts = [key, `${key}:b`].map(each => store.put(each, recordOf(each, pick(random))))
    await Promise.all(puts)
  }
}

function pick(random: () => number): number {
  return sizes[Math.floor(random() * sizes.length)] as number
}

/** Puts `count` keys, ten at a time; says how it went. */
async function writeSome(count: number): Promise<void> {
  let stored = 0
  const codes = new Set<string>()
  for (let i = 0; i < count; i += 10) {
    const keys = Array.from({ length: 10 }, (_, j) => `${name}:${i + j}`)
    for (const put of await Promise.allSettled(keys.map(key => store.put(key, recordOf(key, 20_000))))) {
      if (put.status === 'fulfilled') stored++
      else codes.add(put.reason.code)
    }
  }
  await finish(store, { stored, codes: [...codes] })
}

async function finish(open: LmdbStore, answer: object): Promise<void> {
  const entry = open.get(`${name}:0`)
  await open.close()
  process.send?.({ ...answer, firstIsReadable: entry !== undefined })
  process.disconnect()
}

/** Each message is a key to put; the answer says that it is committed. */
function putOnDemand(): void {
  process.on('message', (key: string) => {
    store.put(key, recordOf(key, 3_000)).then(() => process.send?.({ put: key }))
  })
  process.on('disconnect', () => store.close())
  process.send?.({ started: true })
}

/** Each message is a version to put under its key, or to remove; the answer says that it is committed. */
function putVersions(): void {
  process.on('message', ({ key, version }: { key: string; version: number }) => {
    const record = () => recordOf(key, 3_000, version)
    const write = version < 0 ? store.remove(key) : store.put(key, record())
    write.then(() => process.send?.({ version }))
  })
  process.on('disconnect', () => store.close())
  process.send?.({ started: true })
}

// Beyond a file size limit the system sends this signal; caught, the write fails with EFBIG as on a full disk.
process.on('SIGXFSZ', () => {})

if (command === 'write-for-ever') await writeForEver(randomFrom(Number(process.env.STORE_SEED ?? 1)))
else if (command === 'put-on-demand') putOnDemand()
else if (command === 'put-versions') putVersions()
else await writeSome(Number(command))
