import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { EdgeState, readLastGood } from '../../controlled/state.js'

const lastGood = { epoch: 7, revision: 3, position: 9, sites: [{ name: 'a' }], isBehind: false }

t.test('what is kept is there again, and so is who the edge is', async t => {
  const directory = `${t.testdir()}/state`
  const first = new EdgeState(directory)
  t.match(first.id, /^[0-9a-f-]{36}$/)
  t.strictSame([first.lastGood, first.heard, readLastGood(directory)], [undefined, undefined, undefined])
  first.keepSites(lastGood)
  first.keepHeard({ epoch: 7, position: 11 })
  const second = new EdgeState(directory)
  t.equal(second.id, first.id)
  t.strictSame([second.lastGood, second.heard], [lastGood, { epoch: 7, position: 11 }])
  t.strictSame(readLastGood(directory), lastGood)
  second.forgetHeard()
  t.equal(second.heard, undefined)
  t.strictSame(new EdgeState(directory).heard, { epoch: 7, position: 11 }, 'until something is kept anew')
  t.strictSame(readdirSync(directory).sort(), ['edge.json', 'heard.json', 'sites.json'])
})

t.test('what cannot be read is as if it were not there', async t => {
  for (const text of ['', '{"epoch":7', '[]', '{"epoch":"7"}', 'null', '{"id":"me"}']) {
    const files = { 'sites.json': text, 'heard.json': text, 'edge.json': text }
    const directory = t.testdir(files)
    const state = new EdgeState(directory)
    t.strictSame([state.lastGood, state.heard], [undefined, undefined], text)
    t.match(state.id, /^[0-9a-f-]{36}$/)
  }
})

t.test('a directory that cannot be used is told', async t => {
  const directory = t.testdir({ file: '' })
  t.throws(() => new EdgeState(`${directory}/file/state`), { code: 'ENOTDIR' })
  const state = new EdgeState(`${directory}/state`)
  mkdirSync(`${directory}/state/sites.json.new`)
  t.throws(() => state.keepSites(lastGood), { code: 'EISDIR' })
  t.equal(state.lastGood, undefined)
  writeFileSync(`${directory}/state/heard.json.new`, 'half')
  state.keepHeard({ epoch: 1, position: 2 })
  t.strictSame(new EdgeState(`${directory}/state`).heard, { epoch: 1, position: 2 }, 'over what a kill left')
})
