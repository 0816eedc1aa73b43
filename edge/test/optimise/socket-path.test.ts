import { readdirSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { optimiserSocket, removeLeft } from '../../optimise/socket-path.js'

t.test('removeLeft() removes what is of nobody who lives', async t => {
  const directory = t.testdir({})
  const socket = optimiserSocket({ run: { directory } }, process.pid)
  t.equal(socket, `${directory}/optimiser-${process.pid}`)
  for (const name of [
    socket,
    `${directory}/optimiser-4194305`,
    `${directory}/optimiser-x`,
    `${directory}/edge.sock`,
  ])
    writeFileSync(name, '')
  removeLeft(directory)
  t.strictSame(readdirSync(directory).sort(), ['edge.sock', `optimiser-${process.pid}`, 'optimiser-x'])
})
