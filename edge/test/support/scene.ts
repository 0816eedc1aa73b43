// What the ending of an exchange is played on: an edge without listeners, one exchange, and what was noted and logged.

import { pino } from 'pino'
import type { Test } from 'tap'
import { Router } from '../../accept/route.js'
import { buildSites } from '../../accept/sites.js'
import { Invalidations } from '../../cache/invalidations.js'
import { openMemoryStore } from '../../cache/memory.js'
import { Pauses } from '../../cache/pauses.js'
import { Purges } from '../../cache/purges/purges.js'
import { Refreshes } from '../../cache/refreshes.js'
import type { Edge } from '../../edge.js'
import type { Exchange } from '../../exchange.js'
import { Collapse } from '../../fetch/collapse.js'
import { FormMaker } from '../../optimise/form-maker.js'
import { Overload } from '../../overload.js'
import { PassBudget } from '../../pass-coder.js'
import { Slices } from '../../slices/slices.js'
import { newCounters } from '../../usage/count.js'
import { AccessLog } from '../../usage/log.js'
import { testConfig } from './edge.js'
import { exchangeOf, NotingResponder, siteOf } from './exchange.js'

/** When what is stored was made. */
export const bornAtMs = 1_000_000
const nowMs = bornAtMs + 5_500

export interface Scene {
  edge: Edge
  x: Exchange
  responder: NotingResponder
  lines: Record<string, unknown>[]
}

/** One exchange of five and a half seconds after `bornAtMs`, in progress; `given` goes over it. */
export function sceneOf(t: Test, given: Partial<Exchange> = {}): Scene {
  const config = testConfig(t, ['http://127.0.0.1:9'])
  const store = openMemoryStore({ bytesMax: 1_000_000 })
  const lines: Scene['lines'] = []
  const log = pino({ level: 'debug', base: null }, { write: line => void lines.push(JSON.parse(line)) })
  const edge: Edge = {
    config,
    store,
    meter: undefined,
    tap: undefined,
    replay: undefined,
    router: new Router(buildSites(config.sites)),
    admission: {
      store,
      fills: { used: 0, max: 1 },
      invalidations: new Invalidations(),
      purges: new Purges(),
      objectBytesMax: 1,
      identity: 'naij',
      onVariantsLeft: () => {},
      onFailure: () => {},
    },
    overload: new Overload(config.limits, log),
    onConnectionRefused: () => {},
    refreshes: new Refreshes(),
    pauses: new Pauses(),
    collapse: new Collapse(),
    slices: new Slices(),
    passing: new PassBudget(config.optimise),
    forms: new FormMaker({
      store,
      identity: 'naij',
      config: config.optimise,
      counters: newCounters(),
      making: undefined,
      onFailure: () => {},
    }),
    askAlone: () => {},
    counters: { ...newCounters(), active: 1 },
    stalled: { used: 0, max: 1, broken: 0 },
    webSockets: new Set(),
    spool: { directory: '', used: 0, max: 0 },
    log,
    accessLog: new AccessLog(log, config.log),
    hitPrefix: 'naij; hit; ttl=',
    isDraining: false,
    onIdle: undefined,
  }
  const responder = new NotingResponder()
  return { edge, x: exchangeOf({ nowMs, responder, site: siteOf(), ...given }), responder, lines }
}
