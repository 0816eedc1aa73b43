// A program of open-loop.ts: asks at a fixed rate, whether earlier requests are answered or not, and says how long each
// answer took from the moment at which its request was due. Argument: `OpenLoop` as JSON. Prints `Latencies` as JSON.
import { runOpenLoop } from './open-loop-client.js'

process.once('SIGTERM', () => process.exit(1))
console.log(JSON.stringify(await runOpenLoop(JSON.parse(process.argv[2]!))))
process.exit(0)
