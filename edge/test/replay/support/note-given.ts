// Loaded before anything else into every process of an edge: each writes down how many answers it has given so. They run as
// bundles, of which the addon alone is the same here and there.
import { writeFileSync } from 'node:fs'
import { loadEngineAddon } from '../../../../native/engine-addon.js'

/** Of `Words` in native/source/engine/replay/replay.h. */
const hitsAt = 2

const replay = loadEngineAddon()?.replay
const begin = replay?.begin
let hits = 0

if (replay !== undefined && begin !== undefined)
  replay.begin = (words, ...limits) => {
    // Who takes the counts sets them back.
    words.fill = function (this: Float64Array, ...how) {
      hits += this[hitsAt]!
      writeFileSync(`${process.env.NAIJ_TEST_GIVEN}/${process.pid}`, `${hits}`)
      return Float64Array.prototype.fill.apply(this, how)
    }
    return begin(words, ...limits)
  }
