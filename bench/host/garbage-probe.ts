// Loaded into a worker of the edge before its program (`--import`), for `garbage`: between two SIGWINCH it adds up what is
// allocated and lets V8 write down each deoptimisation; then it writes the sum to a file. Other processes it leaves alone.
import { writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { setFlagsFromString } from 'node:v8'

/** Short beside the time between two collections, so that little is missed at each. */
const LOOK_EVERY_MS = 2

const { NAIJ_GARBAGE_FILE } = process.env
if (NAIJ_GARBAGE_FILE !== undefined && basename(process.argv[1] ?? '').startsWith('worker'))
  probe(NAIJ_GARBAGE_FILE)

/** `FILE` for the sum, `FILE.code` for what V8 writes. */
function probe(file: string): void {
  let timer: NodeJS.Timeout | undefined
  let allocatedBytes = 0
  let lastBytes = 0
  const look = () => {
    const { heapUsed } = process.memoryUsage()
    // When it is less, there was a collection: what came since is then missed.
    allocatedBytes += Math.max(heapUsed - lastBytes, 0)
    lastBytes = heapUsed
  }
  setFlagsFromString(`--redirect-code-traces-to=${file}.code`)
  setFlagsFromString('--redirect-code-traces')
  process.on('SIGWINCH', () => {
    if (timer === undefined) {
      setFlagsFromString('--trace-deopt')
      lastBytes = process.memoryUsage().heapUsed
      timer = setInterval(look, LOOK_EVERY_MS)
      return writeFileSync(`${file}.begun`, '')
    }
    clearInterval(timer)
    look()
    setFlagsFromString('--no-trace-deopt')
    writeFileSync(file, JSON.stringify({ allocatedBytes }))
  })
}
