import t from 'tap'
import { Tails } from '../../controlled/tails.js'
import type { Tail, TailedLine } from '../../usage/tap.js'

const tail = { id: 'x' } as Tail
const line = (target: string) => ({ target }) as TailedLine

t.test('lines go on, one batch at a time, and what has no place is counted', async t => {
  const sent: { lines: TailedLine[]; dropped: number }[] = []
  const answers: (() => void)[] = []
  const tapped: number[] = []
  let fails = false
  const tails = new Tails({
    edge: 'me',
    tap: now => void tapped.push(now.length),
    send: body => {
      sent.push(body as (typeof sent)[0])
      if (fails) return Promise.reject(new Error('away'))
      return new Promise(resolve => void answers.push(() => resolve(undefined)))
    },
  })
  const turn = () => new Promise(resolve => setImmediate(resolve))
  tails.set([])
  tails.take({ lines: [line('/nobody')], dropped: 0 })
  t.strictSame([sent, tapped], [[], []], 'nobody watches')
  tails.set([tail])
  tails.take({ lines: [line('/1')], dropped: 2 })
  tails.take({ lines: Array(2_500).fill(line('/2')), dropped: 0 })
  t.match(sent, [{ edge: 'me', lines: [{ target: '/1' }], dropped: 2 }])
  answers[0]!()
  await turn()
  t.strictSame([sent[1]!.lines.length, sent[1]!.dropped], [500, 500])
  fails = true
  answers[1]!()
  await turn()
  t.equal(sent.length, 3)
  fails = false
  tails.take({ lines: [], dropped: 0 })
  t.strictSame([sent[3]!.lines.length, sent[3]!.dropped], [500, 500], 'that of the one that failed')
  tails.set([])
  t.strictSame(tapped, [1, 0])
})
