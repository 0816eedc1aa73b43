// A worker of the mesh in a process of its own. Arguments: run directory, group, owner. Says over IPC what it joined,
// who is gone, and after a frame with event 9 how many it had from that sender, and whether in order. Told
// `{ send, to, count }` it sends so many, numbered, and then that frame; told `{ leave }` it leaves.
import { setImmediate } from 'node:timers/promises'
import { joinMesh } from '../../../shared/mesh.js'

const [runDirectory = '', group = '', owner = '0'] = process.argv.slice(2)
const countedEvent = 1
const reportEvent = 9
/** Few enough to fit what may wait for one who is not scheduled. */
const batch = 1_000

const received = new Map<number, { count: number; inOrder: boolean }>()

const mesh = await joinMesh({
  runDirectory,
  group,
  owner: Number(owner),
  onFrame: (from, { event, value }) => {
    const sum = received.get(from) ?? { count: 0, inOrder: true }
    received.set(from, sum)
    if (event === reportEvent) process.send?.({ from, ...sum })
    else {
      sum.inOrder &&= value === sum.count
      sum.count += 1
    }
  },
  onGone: gone => process.send?.({ gone }),
})

async function send(to: number, count: number): Promise<void> {
  for (let value = 0; value < count; value++) {
    // A full buffer drops: here nothing may get lost, so it is given time.
    while (!mesh.send(to, { slot: 0, turn: 0, event: countedEvent, value })) await setImmediate()
    if (value % batch === 0) await setImmediate()
  }
  while (!mesh.send(to, { slot: 0, turn: 0, event: reportEvent, value: count })) await setImmediate()
}

process.on('message', (message: { send?: true; to?: number; count?: number; leave?: true }) => {
  if (message.send) void send(message.to ?? 0, message.count ?? 0)
  if (message.leave) void mesh.leave().then(() => process.disconnect())
})
process.on('disconnect', () => void mesh.leave())
process.send?.({ joined: mesh.peers() })
