// Which of several origins is asked next: smooth weighted round robin, least outstanding, or by the hash of the key.
// Pure but for the turn that each candidate remembers. Which origins are candidates at all is origins.ts's.
import type { SiteConfig } from '../../config/settings.js'

export type Balance = SiteConfig['balance']

export interface Candidate {
  readonly weight: number
  /** Of its weight, while it comes back slowly: 0 exclusive to 1. */
  readonly share: number
  /** Requests on their way to it, and WebSockets. */
  readonly outstanding: number
  /** Of its URL, the same in every process. */
  readonly hash: number
  /** What it has in hand for its turn; round robin's own. */
  turn: number
}

/** `keyHash`: 32 bits; only `consistentHash` looks at it. `candidates` is not empty. */
export function choose<Each extends Candidate>(
  candidates: readonly Each[],
  balance: Balance,
  keyHash: number,
): Each {
  if (candidates.length === 1) return candidates[0]!
  switch (balance) {
    case 'roundRobin':
      return nextInTurn(candidates)
    case 'leastOutstanding':
      return leastOutstanding(candidates)
    case 'consistentHash':
      return byHash(candidates, keyHash)
    default:
      return impossible(balance)
  }
}

/** Smooth weighted round robin: each earns its weight, the richest pays for all. Weights 5, 1, 1 give aabacaa. */
function nextInTurn<Each extends Candidate>(candidates: readonly Each[]): Each {
  let sum = 0
  let best = candidates[0]!
  for (const candidate of candidates) {
    const earned = candidate.weight * candidate.share
    sum += earned
    candidate.turn += earned
    if (candidate.turn > best.turn) best = candidate
  }
  best.turn -= sum
  return best
}

/** The one with the fewest for its weight; of equals the one whose turn it is. */
function leastOutstanding<Each extends Candidate>(candidates: readonly Each[]): Each {
  let least = Number.POSITIVE_INFINITY
  let equals: Each[] = []
  for (const candidate of candidates) {
    // What it would have with one more: an idle one of weight 2 comes before an idle one of weight 1.
    const load = (candidate.outstanding + 1) / (candidate.weight * candidate.share)
    if (load > least) continue
    if (load < least) equals = []
    least = load
    equals.push(candidate)
  }
  return equals.length === 1 ? equals[0]! : nextInTurn(equals)
}

/**
 * Weighted rendezvous hashing (Thaler and Ravishankar; weights by Schindelhauer and Schomaker): every process ranks alike,
 * and when an origin leaves only its own keys move. What comes back slowly takes part of its keys only.
 */
function byHash<Each extends Candidate>(candidates: readonly Each[], keyHash: number): Each {
  let best = candidates[0]!
  let bestScore = Number.NEGATIVE_INFINITY
  for (const candidate of candidates) {
    const unit = (mixed(candidate.hash ^ keyHash) + 0.5) / 2 ** 32
    const score = -(candidate.weight * candidate.share) / Math.log(unit)
    if (score <= bestScore) continue
    bestScore = score
    best = candidate
  }
  return best
}

/** 32 bits of a text: FNV-1a, its end mixed, as short texts that differ in their last letter are near each other. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return mixed(hash)
}

/** The finaliser of MurmurHash3: every bit of the input moves half of the output. Unsigned. */
function mixed(word: number): number {
  let hash = word ^ (word >>> 16)
  hash = Math.imul(hash, 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

function impossible(balance: never): never {
  throw new Error(`no such balance: ${JSON.stringify(balance)}`)
}
