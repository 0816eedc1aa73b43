// The program of load-mixture.ts. Arguments: the file of the lines, and the rest of `MixtureLoad` as JSON. Prints `LoadResult`
// as JSON.
import { readFileSync } from 'node:fs'
import { runMixture } from './mixture-client.js'

const [file, options] = process.argv.slice(2) as [string, string]
const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean)
process.once('SIGTERM', () => process.exit(1))
console.log(JSON.stringify(await runMixture({ ...JSON.parse(options), lines })))
process.exit(0)
