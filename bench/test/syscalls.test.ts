import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Processes } from '../processes.js'
import { parseCounts, syscallsPerRequest } from '../syscalls.js'
import { pathWith, writeProgram } from './support/programs.js'

const TABLE = `    calls syscall
--------- ----------------
     1000 write
      501 read
        9 futex
--------- ----------------
     1510 total
`

t.test('parseCounts() divides by the requests and leaves out what is rare', async t => {
  t.strictSame(parseCounts(TABLE, 1000), { write: 1, read: 0.501 })
  t.throws(() => parseCounts('Operation not permitted', 1000), { message: /counted nothing:\nOperation/ })
  t.throws(() => parseCounts(TABLE, 0), { message: /counted nothing/ })
})

t.test('syscallsPerRequest() has strace look at all processes while there is load', async t => {
  const directory = t.testdir()
  const path = process.env.PATH
  process.env.PATH = pathWith(directory)
  t.teardown(() => {
    process.env.PATH = path
  })
  const text = `trap 'cat > "$7" <<END
${TABLE}END
exit 0' INT
printf "%s " "$@" > ${join(directory, 'words')}
while :; do sleep 0.05; done
`
  writeProgram(directory, 'strace', '/bin/sh', text)
  const load = async () => ({ requests: 500, socketErrors: 0, badAnswers: 0, requestsPerSecond: 1 })
  const options = { url: '', connections: 1, seconds: 3 }
  const counts = await syscallsPerRequest({ pids: () => [7, 8] }, load, options, new Processes())
  t.strictSame(counts, { write: 2, read: 1.002, futex: 0.018 })
  t.match(readFileSync(join(directory, 'words'), 'utf8'), / -p 7 -p 8 $/)
})
