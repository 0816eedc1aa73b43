// The other worker of `mesh` as a process of its own: `neighbour RUN_DIRECTORY`. Says who it is and answers; idle, and from
// SIGUSR2 on busy. Ends on SIGTERM.
import { standOn, work } from './ground.js'

const [runDirectory = ''] = process.argv.slice(2)
const { ground, leave } = await standOn(runDirectory)
process.once('SIGUSR2', () => {
  work()
  console.log('neighbour busy')
})
process.once('SIGTERM', () => void leave().then(() => process.exit(0)))
console.log(`neighbour ready ${ground.owner}`)
