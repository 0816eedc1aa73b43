// Sets a fetch going: who hears of its answer.
import type { Edge } from './edge.js'
import type { Exchange } from './exchange.js'
import type { AlonePlan, SharedPlan } from './plan.js'
import { Relay } from './relay.js'
import { FirstPart } from './slices/first-part.js'

/** What is asked for by one may turn out to be kept in blocks. `onSettled`: see `Relay`. */
export function startShared(
  edge: Edge,
  x: Exchange,
  plan: SharedPlan,
  onSettled?: (hasFailed: boolean) => void,
): void {
  const relay = new Relay(edge, x, plan, onSettled)
  const mayBeInBlocks = x.site!.config.cache.slices && edge.store.bodies !== undefined
  relay.start(mayBeInBlocks ? new FirstPart(edge, x, plan, relay) : relay)
}

export function startAlone(edge: Edge, x: Exchange, plan: AlonePlan): void {
  new Relay(edge, x, plan).start()
}
