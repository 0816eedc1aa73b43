// All that the bench can do, in the order in which it is done.
import { collapse } from './host/collapse.js'
import { connections } from './host/connections.js'
import { fill } from './host/fill.js'
import { flood } from './host/flood.js'
import { garbage } from './host/garbage.js'
import { images } from './host/images.js'
import type { Measurement } from './host/measurement.js'
import { mesh } from './host/mesh.js'
import { openLoop } from './host/open-loop.js'
import { originFlap } from './host/origin-flap.js'
import { purge } from './host/purge.js'
import { restart } from './host/restart.js'
import { slowReaders } from './host/slow-readers.js'
import { stale } from './host/stale.js'
import { stampede } from './host/stampede.js'
import { catalog } from './scenarios/catalog.js'
import { h2 } from './scenarios/h2.js'
import { hit } from './scenarios/hit.js'
import { miss } from './scenarios/miss.js'
import { mixed } from './scenarios/mixed.js'
import type { Scenario } from './scenarios/scenario.js'
import { tls } from './scenarios/tls.js'
import { upload } from './scenarios/upload.js'
import { variant } from './scenarios/variant.js'

export const SCENARIOS: readonly Scenario[] = [hit, variant, tls, h2, catalog, miss, upload, mixed]

export const MEASUREMENTS: readonly Measurement[] = [
  openLoop,
  collapse,
  stampede,
  stale,
  slowReaders,
  flood,
  connections,
  garbage,
  images,
  originFlap,
  restart,
  purge,
  fill,
  mesh,
]
