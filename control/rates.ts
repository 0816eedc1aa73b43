// How much one token may ask for in a minute, and one address without any: said in each answer, and 429 above it.
// Field names and forms: draft-ietf-httpapi-ratelimit-headers.
import type { FastifyReply } from 'fastify'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import type { ControlConfig } from '../config/control.js'
import { Problem } from './problem.js'

const minuteSeconds = 60

export class Rates {
  readonly #requests: RateLimiterMemory
  readonly #refusals: RateLimiterMemory
  readonly #purgeItems: RateLimiterMemory
  readonly #purgeSites: RateLimiterMemory

  constructor(limits: ControlConfig['limits']) {
    const limiter = (keyPrefix: string, points: number) =>
      new RateLimiterMemory({ keyPrefix, points, duration: minuteSeconds })
    this.#requests = limiter('requests', limits.requestsPerMinuteMax)
    this.#refusals = limiter('refusals', limits.refusalsPerMinuteMax)
    this.#purgeItems = limiter('purge-items', limits.purgeItemsPerMinuteMax)
    this.#purgeSites = limiter('purge-sites', limits.purgeSitesPerMinuteMax)
  }

  /** Each throws a Problem when there is nothing left. */
  spendRequest(tokenId: string, reply: FastifyReply): Promise<void> {
    return spend(this.#requests, tokenId, 1, reply)
  }

  spendRefusal(address: string, reply: FastifyReply): Promise<void> {
    return spend(this.#refusals, address, 1, reply)
  }

  spendPurge(tokenId: string, kind: string, items: number, reply: FastifyReply): Promise<void> {
    const isWhole = kind === 'site' || kind === 'all'
    return isWhole
      ? spend(this.#purgeSites, tokenId, 1, reply)
      : spend(this.#purgeItems, tokenId, items, reply)
  }
}

async function spend(
  limiter: RateLimiterMemory,
  key: string,
  points: number,
  reply: FastifyReply,
): Promise<void> {
  const { keyPrefix: name, points: quota } = limiter
  reply.header('ratelimit-policy', `"${name}";q=${quota};w=${minuteSeconds}`)
  const left = await limiter.consume(key, points).catch((error: unknown) => {
    if (error instanceof RateLimiterRes) return error
    throw error
  })
  const seconds = Math.ceil(left.msBeforeNext / 1_000)
  reply.header('ratelimit', `"${name}";r=${Math.max(0, left.remainingPoints)};t=${seconds}`)
  if (left.consumedPoints <= quota) return
  reply.header('retry-after', seconds)
  throw new Problem(429, 'too-many', `More than ${quota} in a minute (${name}): try again in ${seconds} s.`)
}
