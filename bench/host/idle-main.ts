// A program of connections.ts: opens so many connections to a port, asks once on each, says so, and keeps them until
// it is ended. Arguments: port, target, how many. One process may have only so many descriptors.
import { setTimeout as setTimeoutPromise } from 'node:timers/promises'
import { requestFor } from '../ask-many.js'
import { Connection } from '../connection.js'

/** More at once could overflow the queue of those whom a server has not accepted yet. */
const AT_ONCE = 64
const PATIENCE_MS = 10_000
const [port, target, count] = process.argv.slice(2) as [string, string, string]
const request = requestFor({ target })
let left = Number(count)
let answered = 0

async function openSome(): Promise<void> {
  while (left > 0) {
    left -= 1
    const connection = await Connection.open(Number(port))
    const status = await new Promise(resolve => connection.ask(request, resolve))
    if (status === 200) answered += 1
  }
}

process.once('SIGTERM', () => process.exit(0))
// Whom a server does not accept waits for ever.
const patience = setTimeoutPromise(PATIENCE_MS)
await Promise.race([patience, Promise.allSettled(Array.from({ length: AT_ONCE }, openSome))])
left = 0
console.log(`idle ${answered}`)
// Until then the connections keep it.
setInterval(() => {}, 60_000)
