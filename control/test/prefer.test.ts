import t from 'tap'
import { waitOf } from '../prefer.js'

t.test('waitOf() is the wait that is preferred, within bounds', async t => {
  const cases: [string | string[] | undefined, number][] = [
    [undefined, 0],
    ['wait=5', 5_000],
    ['respond-async, wait=2', 2_000],
    ['WAIT = "3"', 3_000],
    [['respond-async', 'wait=1; x'], 1_000],
    ['wait=999999', 30_000],
    ['wait=-1', 0],
    ['wait=soon', 0],
    ['await=5', 0],
  ]
  for (const [prefer, ms] of cases) t.equal(waitOf(prefer, { waitMs: 30_000 }), ms, `${prefer}`)
})
