import t from 'tap'
import { EdgeError } from '../../error.js'
import { type SeldomDetails, seldom } from '../../usage/seldom.js'

function storeFull(text: string): EdgeError {
  return new EdgeError('store-full', text, { source: 'edge', status: 500 })
}

t.test('seldom() says the first at once, then how many there were', async t => {
  let nowMs = 0
  const said: [string, SeldomDetails][] = []
  const tell = seldom(
    1_000,
    (code, details) => said.push([code, details]),
    () => nowMs,
  )
  tell(storeFull('a'))
  nowMs = 999
  tell(storeFull('b'))
  tell(new Error('other'))
  t.strictSame(said, [
    ['store-full', { message: 'a', times: 1 }],
    ['failed', { message: 'other', times: 1 }],
  ])
  nowMs = 1_000
  tell(storeFull('c'))
  t.strictSame(said[2], ['store-full', { message: 'c', times: 2 }])
  nowMs = 2_000
  tell('a text')
  tell(storeFull('d'))
  t.strictSame(said.slice(3), [
    ['failed', { message: 'a text', times: 1 }],
    ['store-full', { message: 'd', times: 1 }],
  ])
})

t.test('seldom() goes by the monotonic clock when none is given', async t => {
  let times = 0
  const tell = seldom(60_000, () => {
    times += 1
  })
  tell(new Error('a'))
  tell(new Error('b'))
  t.equal(times, 1)
})
