import t from 'tap'
import type { Link } from '../../supervise/link.js'
import { Watch } from '../../supervise/watch.js'

function linkOf(slot: number, state: Link['state'] = 'ready') {
  const link = {
    ...{ slot, pid: 100 + slot, generation: 1, state, isSilent: false, kills: 0, asked: 0 },
    answers: async () => {
      link.asked += 1
      return !link.isSilent
    },
    kill: () => {
      link.kills += 1
    },
  }
  return link
}

function watchOf(links: ReturnType<typeof linkOf>[]) {
  const seen = { alive: 0, lines: [] as unknown[] }
  const watch = new Watch({
    log: { error: (what: unknown, text: string) => seen.lines.push([what, text]) } as never,
    links: () => links as never,
    onAlive: () => {
      seen.alive += 1
    },
  })
  t.teardown(() => watch.stop())
  return { watch, seen }
}

t.test('look() says that all is well when every worker that serves answers', async t => {
  const links = [linkOf(0), linkOf(1), linkOf(2, 'starting'), linkOf(3, 'draining')]
  const { watch, seen } = watchOf(links)
  await watch.look(10, 3)
  t.equal(seen.alive, 1)
  t.strictSame(
    links.map(({ asked }) => asked),
    [1, 1, 0, 0],
  )
  links[1]!.isSilent = true
  await watch.look(10, 3)
  t.equal(seen.alive, 1)
  links[1]!.isSilent = false
  await watch.look(10, 3)
  t.equal(seen.alive, 2)
})

t.test('look() has nothing to say for nobody', async t => {
  const { watch, seen } = watchOf([linkOf(0, 'starting')])
  await watch.look(10, 3)
  t.equal(seen.alive, 0)
})

t.test('look() kills a worker that is silent so many times in a row, and no other', async t => {
  const links = [linkOf(0), linkOf(1)]
  const { watch, seen } = watchOf(links)
  const silent = links[1]!
  const look = async (isSilent: boolean): Promise<void> => {
    silent.isSilent = isSilent
    await watch.look(10, 3)
  }
  for (const isSilent of [true, true, false, true, true]) await look(isSilent)
  t.equal(silent.kills, 0)
  await look(true)
  t.equal(silent.kills, 1)
  t.equal(links[0]!.kills, 0)
  t.strictSame(seen.lines, [
    [{ slot: 1, worker: 101, generation: 1, silentMs: 30 }, 'a worker does not answer: it is killed'],
  ])
})

t.test('look() leaves alone who has begun to leave meanwhile', async t => {
  const link = linkOf(0)
  link.isSilent = true
  const { watch } = watchOf([link])
  const looking = watch.look(10, 1)
  link.state = 'draining'
  await looking
  t.equal(link.kills, 0)
})

t.test('start() looks often enough for the shorter of the two times', async t => {
  const links = [linkOf(0)]
  const { watch, seen } = watchOf(links)
  watch.start(30_000, 30)
  await new Promise<void>(resolve => {
    const timer = setInterval(() => {
      if (seen.alive < 2) return
      clearInterval(timer)
      resolve()
    }, 5)
  })
  watch.stop()
  const { asked } = links[0]!
  await new Promise(resolve => setTimeout(resolve, 30))
  t.equal(links[0]!.asked, asked, 'stop() ends it')
})
