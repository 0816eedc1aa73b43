import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import type { ResponseEntry } from '../../cache/entry.js'
import { type FillHead, FillLogs, type FillLogWriter } from '../../fetch/fill-log.js'
import { Publication } from '../../fetch/publication.js'
import { RemoteFill } from '../../fetch/remote-fill.js'
import type { Place } from '../../shared/slots.js'
import { needsAddon } from '../shared/support/ground.js'
import { until } from '../support/play.js'
import { bodiesOf, fillOf, headOf, Reader } from './support/travel.js'

const ref = { slot: 1, turn: 2 }

interface Given {
  promised?: number
  head?: () => ResponseEntry
  isOurs?: boolean
  bodyBytesMax?: number
  create?: (head: FillHead) => FillLogWriter
}

/** A fill that is about to be published, and what is told of it. */
function stageOf(t: Test, given: Given = {}) {
  const directory = t.testdir({ run: {} })
  const bodies = bodiesOf(t, `${directory}/segments`)
  const logs = new FillLogs(`${directory}/run`, 'g')
  const { fill, kept } = fillOf(bodies, given.promised, given.bodyBytesMax)
  const published: Place[] = []
  const troubles: Error[] = []
  const grown = { times: 0 }
  const publication = new Publication(
    { variant: 'v', head: given.head ?? headOf, fill },
    {
      create: given.create ?? (head => logs.create(1, ref, head)),
      publish: place => {
        published.push(place)
        return given.isOurs ?? true
      },
      onGrow: () => {
        grown.times += 1
      },
      onTrouble: error => void troubles.push(error),
    },
  )
  t.teardown(() => publication.end())
  const remote = () => new RemoteFill(logs.open(1, ref)!, bodiesOf(t, `${directory}/segments`))
  const files = () => readdirSync(`${directory}/run`)
  return { directory, fill, kept, publication, published, troubles, grown, remote, files }
}

t.test('begin() publishes what is there, and then what comes, until it is whole', needsAddon, async t => {
  const { fill, kept, publication, published, troubles, grown, remote, files } = stageOf(t, { promised: 8 })
  fill.add(Buffer.from('abc'))
  publication.begin()
  t.match(published, [{ offset: 0, total: 8 }])
  t.strictSame(files(), ['fill-g-1-1-2'])
  await until(() => grown.times >= 2)
  const follower = remote()
  t.match(follower, { length: 8, variant: 'v' })
  t.equal(follower.head().status, 200)
  const reader = new Reader(follower)
  await until(() => reader.text === 'abc')
  const before = grown.times
  fill.add(Buffer.from('defgh'))
  await until(() => grown.times > before)
  follower.wake()
  await until(() => reader.text === 'abcdefgh')
  t.notOk(reader.end)
  await fill.complete()
  follower.wake()
  t.equal(reader.end, 'end')
  t.equal(kept(), 1)
  publication.end()
  publication.end()
  follower.over()
  t.strictSame(files(), [])
  t.strictSame(troubles, [])
})

t.test('begin() of a body of unknown length that has not begun', needsAddon, async t => {
  const { fill, publication, published, remote, grown } = stageOf(t)
  publication.begin()
  t.match(published, [{ offset: 0, total: undefined }])
  t.equal(grown.times, 1, 'there is a head')
  const follower = remote()
  t.equal(follower.length, undefined)
  const reader = new Reader(follower)
  await fill.complete()
  follower.wake()
  t.match(reader, { end: 'end', text: '' })
  follower.over()
})

t.test('what is discarded, or grows too large, is broken for who reads along', needsAddon, async t => {
  const ways: [string, (stage: ReturnType<typeof stageOf>) => void][] = [
    ['discarded', ({ fill }) => fill.discard()],
    ['too large', ({ fill }) => void fill.add(Buffer.alloc(100))],
  ]
  for (const [row, breakOff] of ways) {
    const stage = stageOf(t, { bodyBytesMax: 50 })
    stage.publication.begin()
    const follower = stage.remote()
    const reader = new Reader(follower)
    breakOff(stage)
    follower.wake()
    t.equal(reader.end, 'broken', row)
    t.equal(stage.kept(), 0)
    follower.over()
  }
})

t.test('begin() publishes nothing when there is no room in the segments', needsAddon, async t => {
  const { directory, fill, publication, published, troubles, files, kept } = stageOf(t)
  rmSync(`${directory}/segments`, { recursive: true })
  writeFileSync(`${directory}/segments`, 'no directory')
  fill.add(Buffer.from('abc'))
  publication.begin()
  t.strictSame([published, troubles, files()], [[], [], []])
  fill.add(Buffer.from('def'))
  await fill.complete()
  t.equal(kept(), 1, 'the fill itself goes on')
})

t.test('begin() publishes nothing of what is over, or in memory only', needsAddon, async t => {
  const over = stageOf(t)
  over.fill.discard()
  over.publication.begin()
  t.strictSame([over.published, over.files()], [[], []])
  const { fill } = fillOf(undefined)
  const never = () => {
    throw new Error('there is nothing to publish')
  }
  new Publication(
    { variant: '', head: headOf, fill },
    { create: never, publish: never, onGrow: never, onTrouble: never },
  ).begin()
})

t.test('a log that cannot be made is a trouble, and nothing is published', needsAddon, async t => {
  const { directory, fill, publication, published, troubles, grown, kept } = stageOf(t)
  rmSync(`${directory}/run`, { recursive: true })
  writeFileSync(`${directory}/run`, 'no directory')
  publication.begin()
  t.match(troubles, [{ code: 'ENOTDIR' }])
  fill.add(Buffer.from('abc'))
  await fill.complete()
  t.strictSame([published, grown.times, kept()], [[], 0, 1])
  t.equal(troubles.length, 1, 'said once')
})

t.test('a head that cannot be made is a trouble, and nothing is published', needsAddon, async t => {
  const head = (): never => {
    throw new Error('no head')
  }
  const { publication, published, troubles, files } = stageOf(t, { head })
  publication.begin()
  t.match(troubles, [{ message: 'no head' }])
  t.strictSame([published, files()], [[], []])
})

t.test('a fill that is not ours any more is published to nobody', needsAddon, async t => {
  const { fill, publication, grown, files, kept } = stageOf(t, { isOurs: false })
  publication.begin()
  t.strictSame([grown.times, files()], [0, []])
  fill.add(Buffer.from('abc'))
  await fill.complete()
  t.equal(kept(), 1)
})

t.test('a log that takes no more is given up, and the fill goes on', needsAddon, async t => {
  let isFull = false
  const { directory, fill, publication, troubles, files, kept, grown, remote } = stageOf(t, {
    create: head => {
      const log = new FillLogs(`${directory}/run`, 'g').create(1, ref, head)
      const append = log.append.bind(log)
      log.append = (...said) => {
        if (isFull) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
        append(...said)
      }
      return log
    },
  })
  publication.begin()
  const follower = remote()
  const reader = new Reader(follower)
  isFull = true
  const before = grown.times
  fill.add(Buffer.from('abc'))
  await until(() => troubles.length > 0)
  t.match(troubles, [{ code: 'ENOSPC' }])
  t.strictSame(files(), [], 'who comes now waits until it is stored')
  await fill.complete()
  t.equal(troubles.length, 1)
  t.ok(grown.times > before, 'who waits looks again')
  t.equal(kept(), 1)
  follower.over()
  t.match(reader, { end: 'broken', text: '' })
  t.ok(existsSync(directory))
})
