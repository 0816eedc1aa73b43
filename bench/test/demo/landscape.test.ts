import t from 'tap'
import { paintLandscape } from '../../demo/landscape.js'
import { PHOTOGRAPHS } from '../../demo/photographs.js'

t.test(
  'paintLandscape() gives three bytes a pixel, the same each time, light above and dark below',
  async t => {
    for (const { name, scene } of PHOTOGRAPHS) {
      const pixels = paintLandscape(scene, 32, 20)
      t.equal(pixels.length, 32 * 20 * 3)
      t.ok(pixels.equals(paintLandscape(scene, 32, 20)))
      t.ok(new Set(pixels).size > 50, `${name} is no plain area`)
    }
  },
)
