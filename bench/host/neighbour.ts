// The other worker of `mesh` as a process of its own: `neighbour RUN_DIRECTORY idle|busy`. Says who it is, answers, ends on
// SIGTERM.
import { standOn, work } from './ground.js'

const [runDirectory = '', how] = process.argv.slice(2)
const { ground, leave } = await standOn(runDirectory)
if (how === 'busy') work()
process.once('SIGTERM', () => void leave().then(() => process.exit(0)))
console.log(`neighbour ready ${ground.owner}`)
