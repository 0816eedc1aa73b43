// The optimiser process: makes compressed and other forms of what is stored for all workers of a host, and never serves.
// Everything is in optimise/; here is only this process. Started by the supervisor only.
import { fileURLToPath } from 'node:url'
import { runOptimiser } from '../optimise/obey.js'

runOptimiser(fileURLToPath(new URL('optimise-work.js', import.meta.url)))
