// Control whose disk is full: what cannot be kept is refused, whole, and all goes on when there is room again; an edge that it
// leads serves on.
import t from 'tap'
import { get } from '../support/client.js'
import { controlOf, ledEdge } from '../support/control.js'
import { startOrigin } from '../support/origin.js'
import { easeDisk, fillDisk, smallDisk, withoutSmallDisks } from '../support/small-disk.js'
import { until } from '../support/supervise-until.js'

t.test('a full disk of control', { skip: withoutSmallDisks }, async t => {
  const disk = smallDisk(t, 16 * 1024 * 1024)
  const control = await controlOf(t, {}, disk)
  const origin = await startOrigin(t, (_, response) => void response.end('here'))
  const site = { hosts: ['shop.example'], origins: [origin.url] }
  await control.activate('shop', site)
  const edge = ledEdge(t, control, { name: 'a', home: t.testdir(), more: { workers: 1 } })
  const port = Number(new URL(await edge.url()).port)
  const ask = async () => (await get(port, '/', { headers: { host: 'shop.example' } })).status
  await until(async () => ((await ask()) === 200 ? true : undefined))

  fillDisk(disk)
  // What was freed before may have room for some.
  const refused = await until(async () => {
    const answer = await control.ask('POST', '/sites', {
      name: `s${Math.random()}`,
      config: { ...site, note: 'x'.repeat(50_000) },
    })
    return answer.status >= 500 ? answer : undefined
  })
  t.match(refused, { status: 507, body: { type: /\/disk-full$/, errors: [] } })
  t.equal((await control.ask('GET', '/sites/shop')).body.activeVersion, 1, 'it can still be asked')
  t.equal(await ask(), 200)

  easeDisk(disk)
  await until(async () =>
    (await control.activate('other', { ...site, hosts: ['other.example'] })).status === 200
      ? true
      : undefined,
  )
  t.match((await control.ask('GET', '/audit/verification')).body, { sound: true })
  await until(async () => ((await control.edge('a')).drift ? undefined : true))
  t.equal(await ask(), 200)
})
