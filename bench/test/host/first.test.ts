import { readFileSync } from 'node:fs'
import t from 'tap'
import { goFirst } from '../../host/first.js'

/** Field 41 of /proc/PID/task/TID/stat (proc(5)); 0: SCHED_OTHER, 2: SCHED_RR. */
function policy(): number {
  const text = readFileSync(`/proc/self/task/${process.pid}/stat`, 'latin1')
  return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[38])
}

t.test('goFirst() is until it is ended, and says where it is not allowed', async t => {
  const before = policy()
  const end = goFirst()
  if (end === undefined) return void t.equal(policy(), before, 'as it was')
  t.teardown(end)
  t.equal(policy(), 2)
  end()
  t.equal(policy(), 0)
})

t.test('goFirst() is not, where the program is not there', async t => {
  const { PATH } = process.env
  t.teardown(() => {
    process.env.PATH = PATH
  })
  process.env.PATH = t.testdir({})
  t.equal(goFirst(), undefined)
})
