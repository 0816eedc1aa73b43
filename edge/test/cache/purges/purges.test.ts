import t from 'tap'
import type { PurgeNews } from '../../../cache/purges/log.js'
import { Purges } from '../../../cache/purges/purges.js'
import type { NumberedRule } from '../../../cache/purges/rule.js'

function rule(sequence: number, site: string): NumberedRule {
  return { kind: 'site', site, item: '', isSoft: false, atMs: 1, sequence }
}

const subject = (site: string, fence = 0) => ({ site, key: 'k', fence, tags: () => [] })

/** A word and a log that the test writes. */
function logOf(rules: NumberedRule[] = []) {
  const state = {
    sequence: rules.at(-1)?.sequence ?? 0,
    floor: 0,
    rules,
    isBroken: false,
    isOpen: true,
    reads: 0,
  }
  const troubles: unknown[] = []
  const word = { now: state.sequence, mark: () => word.now | 0, sequence: () => word.now }
  const readNews = (after: number): PurgeNews | undefined => {
    state.reads += 1
    if (state.isBroken) throw new Error('no page')
    const news = { ...state, rules: state.rules.filter(each => each.sequence > after) }
    return state.isOpen ? news : undefined
  }
  const add = (next: NumberedRule): void => {
    state.rules.push(next)
    state.sequence = next.sequence
    word.now = next.sequence
  }
  return {
    state,
    word,
    openWord: () => word,
    readNews,
    add,
    troubles,
    onTrouble: (error: unknown) => void troubles.push(error),
  }
}

t.test('Purges knows what was purged before it began, and hears of the rest by the word', async t => {
  const log = logOf([rule(3, 'a')])
  const purges = new Purges(log)
  t.equal(purges.applied, 3)
  t.match(purges.judge(subject('a')), { sequence: 3 })
  purges.obey()
  t.equal(log.state.reads, 1, 'nothing is read while the word says nothing new')
  log.add(rule(4, 'b'))
  t.equal(purges.judge(subject('b')), undefined)
  purges.obey()
  t.match(purges.judge(subject('b')), { sequence: 4 })
  t.equal(purges.applied, 4)
  t.equal(purges.newest, 4)
  t.equal(purges.rules.count, 2)
})

t.test('Purges forgets what was retired, and stores nothing of a fill that is older than that', async t => {
  const log = logOf([rule(3, 'a')])
  const purges = new Purges(log)
  log.state.rules = []
  log.state.floor = 3
  log.word.now = log.state.sequence = 4
  purges.obey()
  t.equal(purges.judge(subject('a')), undefined)
  t.equal(purges.forbidsStoring(subject('a', 2)), true)
  t.equal(purges.forbidsFollowing(subject('a', 2)), true)
  t.equal(purges.forbidsStoring(subject('a', 3)), false)
  t.equal(purges.forbidsFollowing(subject('a', 3)), false)
})

t.test('Purges uses nothing while the rules cannot be read, and tries again at once', async t => {
  const log = logOf()
  const purges = new Purges(log)
  log.state.isBroken = true
  log.word.now = 1
  purges.obey()
  t.match(purges.judge(subject('a', 99)), { kind: 'gone' })
  t.equal(log.troubles.length, 1)
  log.state.isBroken = false
  log.add(rule(2, 'b'))
  log.word.now = 1
  purges.obey()
  t.equal(purges.judge(subject('a', 1)), undefined)
  t.match(purges.judge(subject('b', 1)), { sequence: 2 })
})

t.test('Purges waits for an index that is not open yet', async t => {
  const log = logOf([rule(3, 'a')])
  log.state.isOpen = false
  const purges = new Purges(log)
  t.equal(purges.applied, 0)
  t.equal(purges.forbidsStoring(subject('a')), false, 'what comes first opens it')
  log.state.isOpen = true
  purges.obey()
  t.equal(purges.applied, 3)
})

t.test('Purges uses nothing while there is no room for the word, and asks for it again', async t => {
  const log = logOf([rule(3, 'a')])
  let word: typeof log.word | undefined
  const purges = new Purges({ ...log, openWord: () => word })
  t.match(purges.judge(subject('b', 99)), { kind: 'gone' })
  word = log.word
  purges.obey()
  t.equal(purges.judge(subject('b', 1)), undefined)
  t.match(purges.judge(subject('a')), { sequence: 3 })
})

t.test('Purges goes on from the word when the index was started anew, and needs neither', async t => {
  const log = logOf()
  log.word.now = 40
  t.equal(new Purges(log).applied, 40)
  const none = new Purges()
  none.obey()
  t.equal(none.applied, 0)
  t.equal(none.judge(subject('a')), undefined)
})
