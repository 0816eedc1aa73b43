import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import { Addresses, type LookupAll } from '../../fetch/resolve.js'
import { startRawOrigin } from '../support/origin.js'

type Answer = string[] | Error

/** A name server of which the answers are given one after the other; the last one stays. */
function nameServer(...answers: Answer[]) {
  const asked: string[] = []
  const lookup: LookupAll = (name, _options, done) => {
    const answer = answers[Math.min(asked.push(name), answers.length) - 1]
    const isError = answer instanceof Error
    const addresses = isError ? [] : answer.map(address => ({ address, family: 4 }))
    setImmediate(done, isError ? answer : null, addresses)
  }
  return { asked, lookup }
}

/** What a connection would be given. */
function got(addresses: Addresses): Promise<unknown> {
  return new Promise(resolve =>
    addresses.lookup('ignored', { all: true }, (error, list) => resolve(error ?? list)),
  )
}

const list = (...addresses: string[]) => addresses.map(address => ({ address, family: 4 }))
const failure = Object.assign(new Error('try again'), { code: 'EAI_AGAIN' })

t.test('a name is asked for once for all who want it, and again when its time is over', async t => {
  const server = nameServer(['10.0.0.1'], ['10.0.0.2'])
  const addresses = new Addresses('a.example', 60, server.lookup)
  t.strictSame(await Promise.all([got(addresses), got(addresses)]), [list('10.0.0.1'), list('10.0.0.1')])
  t.strictSame(await got(addresses), list('10.0.0.1'))
  t.strictSame(server.asked, ['a.example'])
  await new Promise(resolve => setTimeout(resolve, 70))
  t.strictSame(await got(addresses), list('10.0.0.2'))
})

t.test('a name server that fails changes nothing, and is an error only when nothing is known', async t => {
  const addresses = new Addresses('a.example', 1, nameServer(['10.0.0.1'], failure).lookup)
  t.strictSame(await got(addresses), list('10.0.0.1'))
  await new Promise(resolve => setTimeout(resolve, 5))
  t.strictSame(await got(addresses), list('10.0.0.1'))
  t.equal(await got(new Addresses('a.example', 1, nameServer(failure).lookup)), failure)
})

t.test('isCurrent() tells what the name has left, and has it asked for again in time', async t => {
  const server = nameServer(['10.0.0.1', '10.0.0.2'], ['10.0.0.2'])
  const addresses = new Addresses('a.example', 20, server.lookup)
  t.ok(addresses.isCurrent('10.0.0.1'), 'while nothing is known')
  await got(addresses)
  t.ok(addresses.isCurrent('10.0.0.1'))
  t.notOk(addresses.isCurrent('10.0.0.3'))
  await new Promise(resolve => setTimeout(resolve, 30))
  t.ok(addresses.isCurrent('10.0.0.1'), 'asked, not yet answered')
  await new Promise(setImmediate)
  await new Promise(setImmediate)
  t.notOk(addresses.isCurrent('10.0.0.1'))
  t.ok(addresses.isCurrent('10.0.0.2'))
})

t.test('isCurrent() keeps nothing for each time it is asked while the name server is slow', async t => {
  let answer: () => void = () => {}
  let closures = 0
  const addresses = new Addresses('a.example', 1, (_name, _options, done) => {
    answer = () => done(null, list('10.0.0.1'))
  })
  const lookedUp = got(addresses)
  answer()
  await lookedUp
  await new Promise(resolve => setTimeout(resolve, 5))
  const push = Array.prototype.push
  t.teardown(() => {
    Array.prototype.push = push
  })
  Array.prototype.push = function (...items: unknown[]) {
    if (typeof items[0] === 'function') closures += 1
    return push.apply(this, items)
  }
  for (let at = 0; at < 1_000; at += 1) addresses.isCurrent('10.0.0.1')
  Array.prototype.push = push
  t.equal(closures, 1)
  answer()
})

t.test('without a time every connection asks', async t => {
  const server = nameServer(['10.0.0.1'])
  const addresses = new Addresses('a.example', 0, server.lookup)
  await got(addresses)
  await got(addresses)
  t.ok(addresses.isCurrent('10.0.0.1'))
  t.equal(server.asked.length, 2)
})

t.test('lookup() is one that connections understand, with all addresses or the first', async t => {
  const origin = await startRawOrigin(t, () => {})
  for (const autoSelectFamily of [true, false]) {
    const { lookup } = new Addresses('a.example', 1_000, nameServer(['127.0.0.1']).lookup)
    const socket = connect({
      host: 'a.example',
      port: Number(new URL(origin.url).port),
      lookup,
      autoSelectFamily,
    })
    await once(socket, 'connect')
    t.equal(socket.remoteAddress, '127.0.0.1')
    socket.destroy()
  }
  const { lookup } = new Addresses('a.example', 1_000, nameServer(failure).lookup)
  const [error] = await once(
    connect({ host: 'a.example', port: 1, lookup, autoSelectFamily: false }),
    'error',
  )
  t.equal(error, failure)
})
