import { join } from 'node:path'
import t from 'tap'
import { onStage } from '../../host/stage.js'
import { edgeKind } from '../../peers/edge.js'
import { writeCheckout, writeProgram } from '../support/programs.js'
import { contextOf, contextWithOrigin } from './support.js'

t.test('onStage() says in the words of a server that it refuses a setting, and leaves nothing', async t => {
  const directory = t.testdir()
  const script = "console.error('cache.objectBytesMax: 67108864 is over 1MiB'); process.exit(2)"
  writeProgram(join(directory, 'dist/edge'), 'main.js', process.execPath, script)
  const context = await contextWithOrigin(t, {}, [edgeKind(directory)])
  await t.rejects(
    onStage('refused', context, async () => t.fail('not started')),
    { message: /^edge ended with code 2:\ncache\.objectBytesMax: 67108864 is over 1MiB$/, exitCode: 2 },
  )
})

t.test('onStage() starts an origin, and gives each peer the settings of a host', async t => {
  const kind = edgeKind(writeCheckout(join(t.testdir(), 'checkout')))
  const configurations: string[] = []
  const watched = {
    ...kind,
    create: (options: Parameters<typeof kind.create>[0]) => {
      const peer = kind.create(options)
      const { stop } = peer
      peer.stop = () => {
        configurations.push(peer.configuration)
        return stop()
      }
      return peer
    },
  }
  const context = contextOf(t, {}, [watched])
  await onStage('settings', context, async ({ peers, asked }) => {
    await peers[0]!.untilHit('/object/10/0/x')
    t.ok((await asked('/object/10/0/x')).begun >= 2)
    t.ok(peers[0]!.memoryBytes() > 0)
  })
  t.match(JSON.parse(configurations[0]!), {
    workers: 2,
    cache: { objectBytesMax: 64 * 2 ** 20, bytesMax: 2 ** 31 },
  })
})
