// What is given again, and what never is, by what the origin said and the request bears.
import t from 'tap'
import { onUws } from '../support/edge.js'
import { answerTo } from './support/answer-to.js'
import { asking, hitOf, replaying } from './support/replaying.js'

t.test('what varies only by what is compared is given again', onUws, async t => {
  const { client, hits } = await replaying(t)
  for (const names of ['accept-encoding', 'Accept-Encoding,Host', 'origin,accept-encoding', 'cookie']) {
    const byThePath = await hitOf(client, `/a?by=${names}`)
    const { given: before } = hits()
    const again = await answerTo(client, asking(`/a?by=${names}`))
    t.equal(hits().given, before + 1, names)
    t.equal(again.slice(again.indexOf('\r\n\r\n')), byThePath.slice(byThePath.indexOf('\r\n\r\n')), names)
  }
})

t.test('whoever bears what it varies by takes the path, and gets its own', onUws, async t => {
  const { client, hits } = await replaying(t)
  const names =
    'origin,cookie,authorization,x-forwarded-proto,x-requested-with,access-control-request-method,access-control-request-headers'
  for (const name of names.split(',')) {
    const target = `/a?by=${name}`
    const plain = await hitOf(client, target)
    const own = await answerTo(client, asking(target, `${name}: x\r\n`))
    t.match(own, /fwd=(vary-miss|request)/, name)
    const { given: before } = hits()
    const again = await answerTo(client, asking(target, `${name}: x\r\n`))
    t.notMatch(again.split('\r\n\r\n')[1], plain.split('\r\n\r\n')[1], name)
    t.equal(hits().given, before, name)
    await hitOf(client, target)
    const { given: then } = hits()
    await answerTo(client, asking(target))
    t.equal(hits().given, then + 1, `${name}: and who does not, its own`)
  }
})

t.test('what varies by anything else takes the path', onUws, async t => {
  const { client, hits } = await replaying(t)
  for (const names of [
    'user-agent',
    'accept',
    'accept-language',
    'x-anything',
    'accept-encoding,x-anything',
  ]) {
    await hitOf(client, `/a?by=${names}`)
    const { given: before } = hits()
    t.match(await answerTo(client, asking(`/a?by=${names}`)), /; hit;/, names)
    t.equal(hits().given, before, names)
  }
})

t.test('one way to ask is not another', onUws, async t => {
  const { client, hits } = await replaying(t)
  await hitOf(client, '/a?by=accept-encoding')
  const { given: before } = hits()
  const other = 'GET /a?by=accept-encoding HTTP/1.1\r\nHost: a\r\n\r\n'
  t.match(await answerTo(client, other), /fwd=vary-miss/)
  t.equal(hits().given, before)
})

t.test('long heads are heads', onUws, async t => {
  const { client, hits } = await replaying(t)
  await hitOf(client, '/a')
  const { given: before } = hits()
  t.match(await answerTo(client, asking('/a', `Cookie: ${'x'.repeat(8_000)}\r\n`)), /; hit;/)
  t.equal(hits().given, before + 1)
})
