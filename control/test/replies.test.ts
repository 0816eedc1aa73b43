import type { FastifyReply, FastifyRequest } from 'fastify'
import t from 'tap'
import { parseControl } from '../../config/control.js'
import { recall, release } from '../replies.js'
import { Service } from '../service.js'
import { Database } from '../state/database.js'

t.test('a key is under way until its first request is answered, whoever else sends it', async t => {
  const database = new Database(t.testdir({}))
  t.teardown(() => database.close())
  const parsed = parseControl('{}')
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const service = new Service(database, parsed.config.limits, () => 0)
  const requestOf = (id: string) =>
    ({
      method: 'POST',
      url: '/v1/sites',
      headers: { 'idempotency-key': 'k' },
      actor: { id, address: '' },
    }) as unknown as FastifyRequest
  const reply = {} as FastifyReply
  const [first, second] = [requestOf('a'), requestOf('a')]
  await recall(service, first, reply)
  await t.rejects(recall(service, second, reply), { status: 409, code: 'in-progress' })
  await recall(service, requestOf('b'), reply)
  release(service, second)
  await t.rejects(recall(service, second, reply), { status: 409, code: 'in-progress' }, 'not its own to end')
  release(service, first)
  await recall(service, second, reply)
})
