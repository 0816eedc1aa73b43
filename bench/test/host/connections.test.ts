import { join } from 'node:path'
import t from 'tap'
import { connections, describe } from '../../host/connections.js'
import { edgeKind } from '../../peers/edge.js'
import { writeCheckout } from '../support/programs.js'
import { contextWithOrigin } from './support.js'

t.test('connections opens so many, each with an answer, and says what each takes', async t => {
  const kind = edgeKind(writeCheckout(join(t.testdir(), 'checkout')))
  const { lines, faults, samples, isKept } = await connections.run(
    await contextWithOrigin(t, { connections: 300 }, [kind]),
  )
  t.match(lines, [/^edge: -?\d+ bytes for each of 300 connections$/])
  t.strictSame([faults, isKept], [[], undefined])
  t.match(samples, [{ peer: 'edge', asked: 300, open: 300 }])
})

t.test('describe() gives whole bytes', async t => {
  t.equal(describe({ peer: 'a', asked: 9, open: 7, bytesEach: 1.6 }), 'a: 2 bytes for each of 7 connections')
})
