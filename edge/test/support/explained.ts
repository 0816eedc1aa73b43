// An edge without listeners whose cache holds what a test puts there, and what it explains of it. Everything is stored
// by the path's own functions, as if an origin had answered at `bornAtMs`.
import type { Test } from 'tap'
import { Router } from '../../accept/route.js'
import { buildSites } from '../../accept/sites.js'
import { keep, makeEntry } from '../../cache/admit.js'
import { weigh } from '../../cache/answer.js'
import type { ResponseEntry } from '../../cache/entry.js'
import type { Edge } from '../../edge.js'
import type { Exchange } from '../../exchange.js'
import { explain } from '../../explain/explain.js'
import type { Explained, Explanation } from '../../explain/explanation.js'
import { readQuestion } from '../../explain/question.js'
import { testConfig } from './edge.js'
import { exchangeOf, siteOf } from './exchange.js'
import { bornAtMs, sceneOf } from './scene.js'

type Json = Record<string, unknown>

export interface Given {
  status?: number
  body?: string
  /** Of the request that the origin answered. */
  target?: string
  requestFields?: string[]
  /** When it was asked; it answered at `bornAtMs`. */
  askedAtMs?: number
  site?: Json
}

/** An answer weighed as relay.ts would. */
function weighed(fields: string[], x: Exchange, given: Given) {
  const { status = 200, askedAtMs = bornAtMs } = given
  const { method, target } = x
  const request = { scheme: x.scheme, method, target, fields: x.fields, sentMs: askedAtMs }
  return weigh(status, fields, request, bornAtMs, x.site!.rules)
}

/** What would be stored of an answer, for tests that need no store. */
export function entryOf(fields: string[], given: Given = {}): ResponseEntry {
  const x = exchangeOf({ target: given.target ?? '/', site: siteOf(given.site) })
  return makeEntry(weighed(fields, x, given), Buffer.from(given.body ?? 'body'), 'naij')
}

export interface Explaining {
  readonly edge: Edge
  /** Stores an answer for a GET of `play.example`. */
  store(fields: string[], given?: Given): Promise<void>
  /** What the edge explains of `query` so long after `bornAtMs`. */
  answer(query: string, afterMs?: number): Explained
  /** The same, of a question that has no fault. */
  ask(query: string, afterMs?: number): Explanation
}

/** `site` goes over the settings of a site `play` for all hosts. */
export function explaining(t: Test, site: Json = {}): Explaining {
  const { edge } = sceneOf(t)
  const config = testConfig(t, ['http://127.0.0.1:9'], site)
  edge.router = new Router(buildSites(config.sites))
  const answer = (query: string, afterMs = 0): Explained => {
    const asked = readQuestion(query)
    return asked.ok ? explain(edge, asked.question, bornAtMs + afterMs) : asked
  }
  return {
    edge,
    answer,
    async store(fields, given = {}) {
      const { target = '/', requestFields = [] } = given
      const x = exchangeOf({ nowMs: bornAtMs, target, fields: requestFields })
      edge.router.route(x)
      x.key = x.keyPrefix + target
      await keep(edge.admission, x, weighed(fields, x, given), Buffer.from(given.body ?? 'body'))
    },
    ask(query, afterMs) {
      const explained = answer(query, afterMs)
      if (!explained.ok) throw new Error(JSON.stringify(explained.fault))
      return explained.explanation
    },
  }
}
