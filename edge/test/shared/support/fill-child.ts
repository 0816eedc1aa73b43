// A worker that does all that may be done to fills, at random, checks what it sees of others, and kills itself in the
// middle of it. Arguments: run directory, tally, seed, steps to live. Told of deaths, and to stop, over IPC.
import { setImmediate } from 'node:timers/promises'
import type { FillRef } from '../../../shared/claim.js'
import type { FillView } from '../../../shared/fills.js'
import { openGround } from '../../../shared/ground.js'
import { keysCount, Tally } from './tally.js'

const [runDirectory = '', tallyPath = '', seed = '1', stepsMax = '0'] = process.argv.slice(2)
const tally = new Tally(tallyPath)
let state = Number(seed)
let stepsLeft = Number(stepsMax)
let isStopping = false

/** Below `end`; a linear congruential generator is random enough here. */
function random(end: number): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
  return Math.floor((state / 2 ** 32) * end)
}

const ground = openGround({
  runDirectory,
  slots: 16,
  beforeStep: step => {
    if (--stepsLeft === 0) process.kill(process.pid, 'SIGKILL')
    if (step === 'evict') tally.add('evicted')
    if (step === 'withdraw') tally.add('withdrew')
    // Others come between more often when one dawdles.
    if (random(16) === 0) for (let spin = random(3_000); spin > 0; spin--) Atomics.load(spinning, 0)
  },
})
const spinning = new Int32Array(1)
const { fills, owner } = ground

interface Held {
  fill: FillRef
  key: number
  bytes: number
}
const held: Held[] = []
const followed: Held[] = []

/** What a place must be: who reads half of one and half of another finds numbers that do not fit. */
function placeOf(segment: number, key: number): NonNullable<FillView['place']> {
  return { segment, offset: segment * 3 + key, total: segment * 5 + 7 }
}

function check(view: FillView, key: number): void {
  tally.add('read')
  if (view.place === undefined) return
  const right = placeOf(view.place.segment, key)
  if (view.place.offset !== right.offset || view.place.total !== right.total) tally.add('torn')
  else if (view.bytes > (right.total ?? 0)) tally.add('ahead')
}

/** Two looks at one fill of one owner: it never shrinks. */
function watch(fill: FillRef, key: number): FillView | undefined {
  const first = fills.read(fill)
  const second = fills.read(fill)
  if (first !== undefined) check(first, key)
  if (second === undefined || first === undefined) return second
  check(second, key)
  if (
    second.owner === first.owner &&
    second.place?.segment === first.place?.segment &&
    second.bytes < first.bytes
  )
    tally.add('shrunk')
  return second
}

function lead(fill: FillRef, key: number): void {
  tally.begins(key, owner)
  held.push({ fill, key, bytes: 0 })
}

function approach(): void {
  const key = random(keysCount)
  const claimed = fills.claim(Int32Array.of((key % 3) * 8, key, ~key, key * 7), 0)
  if (claimed.kind === 'unshared' || claimed.kind === 'full') return tally.add(claimed.kind)
  if (claimed.kind === 'lead') {
    tally.add('led')
    return lead(claimed.fill, key)
  }
  tally.add('followed')
  followed.push({ fill: claimed.fill, key, bytes: 0 })
}

/** Looks at a fill of another, once more or for the last time, and inherits it when that one is gone. */
function follow(): void {
  const at = random(followed.length)
  const { fill, key } = followed[at]
  const view = watch(fill, key)
  if (view === undefined || random(8) === 0) followed.splice(at, 1)
  if (!view?.isOrphaned || !fills.takeOver(fill)) return
  followed.splice(0, followed.length, ...followed.filter(one => one.fill.slot !== fill.slot))
  tally.add('tookOver')
  lead(fill, key)
}

/** One thing that an owner may do with one of its fills. */
function work(): void {
  const at = random(held.length)
  const one = held[at]
  const view = fills.read(one.fill)
  if (view === undefined || view.owner !== owner) return tally.add('lost')
  if (random(3) === 0 || view.state === 'whole') return end(held.splice(at, 1)[0])
  const segment = random(2 ** 30)
  const total = view.place?.total ?? 0
  if (view.state === 'asking') fills.publish(one.fill, placeOf(segment, one.key))
  else if (one.bytes === total) fills.complete(one.fill)
  else {
    one.bytes = Math.min(total, one.bytes + random(total))
    if (!fills.advance(one.fill, one.bytes)) tally.add('lost')
  }
}

function end({ fill, key }: Held): void {
  tally.ends(key, owner)
  const way = random(4)
  // Released for moments, so that the key is claimed again.
  const isDone =
    way === 0
      ? fills.release(fill, random(3)) || fills.free(fill)
      : way === 1
        ? fills.abandon(fill)
        : way === 2
          ? fills.retire(fill) && fills.free(fill)
          : fills.free(fill)
  if (!isDone) tally.add('lost')
}

process.on('message', (message: { gone?: number; stop?: true }) => {
  if (message.gone !== undefined) ground.orphan(message.gone)
  if (message.stop) isStopping = true
})
process.send?.({ owner })
while (!isStopping) {
  for (let round = 0; round < 50; round++) {
    if (held.length + followed.length < 12 && random(2) === 0) approach()
    else if (followed.length > 0 && random(2) === 0) follow()
    else if (held.length > 0) work()
    if (random(40) === 0) fills.freeOrphans(0)
  }
  await setImmediate()
}
for (const one of held) end(one)
ground.close()
process.disconnect()
