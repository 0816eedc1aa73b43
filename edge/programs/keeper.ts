// The keeper process: counts, makes room and tidies for all workers of a cache, and never serves. Everything is in
// keep/; here is only this process. Started by the supervisor only.
import { runKeeper } from '../keep/obey.js'

runKeeper()
