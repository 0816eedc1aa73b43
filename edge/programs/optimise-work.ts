// A thread of the optimiser's pool: see optimise/work.ts. Started by the pool only.
export { default } from '../optimise/work.js'
