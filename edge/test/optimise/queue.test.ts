import t from 'tap'
import type { Job } from '../../optimise/job.js'
import { JobQueue } from '../../optimise/queue.js'

function waiting(storedKey: string, site = 'a', isUpgrade = false) {
  const job: Job = {
    storedKey,
    site,
    askedAtMs: 1,
    storedAtMs: 1,
    work: { kind: 'encode', coding: 'br', effort: 'fast' },
    hidden: [],
    imageBounds: { bytesMax: 1e7, pixelsMax: 1e7, framesMax: 10 },
  }
  return { job, isUpgrade, run: () => {} }
}

const keyOf = (next: { job: Job } | undefined) => next?.job.storedKey

t.test('first what is wanted, in its order; what would only be better when nothing else is done', async t => {
  const queue = new JobQueue({ queueMax: 10, siteQueueMax: 10 })
  t.ok(queue.add(waiting('better', 'a', true)))
  t.ok(queue.add(waiting('first')))
  t.ok(queue.add(waiting('second')))
  t.equal(queue.length, 3)
  t.equal(keyOf(queue.next(false)), 'first')
  t.equal(keyOf(queue.next(true)), 'second')
  t.equal(queue.next(false), undefined)
  t.equal(keyOf(queue.next(true)), 'better')
  t.equal(queue.next(true), undefined)
})

t.test('no more than so many, in all and of a site', async t => {
  const queue = new JobQueue({ queueMax: 4, siteQueueMax: 3 })
  for (const key of ['1', '2', '3']) t.ok(queue.add(waiting(key)))
  t.notOk(queue.add(waiting('4')), 'of this site')
  t.ok(queue.add(waiting('4', 'b')))
  t.notOk(queue.add(waiting('5', 'c')), 'in all')
  queue.next(false)
  t.ok(queue.add(waiting('5')))
})

t.test('upgrades leave half of the room', async t => {
  const queue = new JobQueue({ queueMax: 4, siteQueueMax: 4 })
  t.ok(queue.add(waiting('1', 'a', true)))
  t.ok(queue.add(waiting('2', 'a', true)))
  t.notOk(queue.add(waiting('3', 'a', true)))
  t.ok(queue.add(waiting('3')))
})
