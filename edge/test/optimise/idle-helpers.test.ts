import t from 'tap'
import { type ThreadStat, threadsOf } from '../../../native/test/support/threads.js'
import { lowerHelpers, withIdleHelpers } from '../../optimise/idle-helpers.js'
import { needsAddon } from '../shared/support/ground.js'
import { photograph } from '../support/images.js'

/** The scheduling policies (sched(7); 5: SCHED_IDLE) of the threads of this process, those of libvips and the others. */
function policies(): { helpers: number[]; others: number[] } {
  const isHelper = ({ name }: ThreadStat) => name === 'libvips worker'
  const threads = [...threadsOf().values()]
  const policiesOf = (those: ThreadStat[]) => those.map(({ policy }) => policy)
  return {
    helpers: policiesOf(threads.filter(isHelper)),
    others: policiesOf(threads.filter(thread => !isHelper(thread))),
  }
}

t.test(
  'withIdleHelpers() lowers the threads of libvips that come meanwhile, and no others',
  needsAddon,
  async t => {
    const before = policies().others
    const image = await photograph(1_200, 900)
    let seen: number[] = []
    const bytes = await withIdleHelpers(async () => {
      const making = image.avif({ effort: 3 }).toBuffer()
      let isMade = false
      void making.finally(() => {
        isMade = true
      })
      while (!isMade && (seen.length === 0 || seen.some(policy => policy !== 5))) {
        await new Promise(resolve => setTimeout(resolve, 5))
        seen = policies().helpers
      }
      return making
    })
    t.ok(bytes.length > 0)
    t.ok(seen.length > 0)
    t.strictSame(new Set(seen), new Set([5]), `${seen.length} of them`)
    t.notOk(policies().others.includes(5), 'Node itself goes on as before')
    t.ok(before.length > 0)
  },
)

t.test('withIdleHelpers() passes on what comes, and looks no more afterwards', needsAddon, async t => {
  t.equal(await withIdleHelpers(async () => 'done'), 'done')
  await t.rejects(
    withIdleHelpers(async () => {
      throw new Error('damaged')
    }),
    { message: 'damaged' },
  )
  t.doesNotThrow(lowerHelpers)
})
