// Paints a landscape: sky with sun and clouds, ridges one behind the other in haze, water that mirrors them, grain.
// Gives raw pixels; encoding and keeping them is left to photographs.ts.
import { hashed, mix, noise, roughNoise } from './noise.js'

/** Red, green, blue, each 0 to 255. */
export type Colour = readonly [number, number, number]

export interface Scene {
  seed: number
  /** Colours of the sky at the top and at the horizon, of the nearest ridge, and of the light. */
  zenith: Colour
  horizon: Colour
  ridge: Colour
  sun: Colour
  /** Place of the sun, parts of the width and of the height. */
  sunX: number
  sunY: number
  /** Where the water begins, part of the height; 1 for none. */
  waterline: number
  ridges: number
  /** How much of the sky is cloud, 0 to 1. */
  clouds: number
}

/** `width` x `height` pixels, three bytes each, rows from the top. */
export function paintLandscape(scene: Scene, width: number, height: number): Buffer {
  const pixels = Buffer.alloc(width * height * 3)
  const crests = ridgeCrests(scene, width)
  for (let row = 0; row < height; row++) {
    const y = row / height
    for (let column = 0; column < width; column++) {
      const colour = colourAt(scene, crests, column, width, y)
      const grain = (hashed(column, row, scene.seed) - 0.5) * 9
      const at = (row * width + column) * 3
      for (let i = 0; i < 3; i++) pixels[at + i] = Math.max(0, Math.min(255, colour[i]! + grain))
    }
  }
  return pixels
}

/** For each ridge, farthest first, the height of its crest at every column, as a part of the picture's height. */
function ridgeCrests(scene: Scene, width: number): Float64Array[] {
  return Array.from({ length: scene.ridges }, (_, i) => {
    const near = (i + 1) / scene.ridges
    const base = scene.waterline * mix(0.62, 1.02, near)
    const swing = mix(0.3, 0.16, near)
    return Float64Array.from({ length: width }, (_, column) => {
      const x = (column / width) * mix(2.2, 4.5, near)
      return base - swing * (roughNoise(x, i * 7.3, scene.seed + 31 * i, 7) - 0.35)
    })
  })
}

function colourAt(scene: Scene, crests: Float64Array[], column: number, width: number, y: number): Colour {
  const x = column / width
  if (y < scene.waterline) return landAt(scene, crests, column, x, y)
  const depth = (y - scene.waterline) / (1 - scene.waterline)
  const ripple = noise(x * 30, (y * 260) / (0.25 + depth), scene.seed + 400) - 0.5
  const mirrored = scene.waterline * (1 - depth * 0.85) + ripple * 0.02
  const moved = Math.max(0, Math.min(width - 1, Math.round(column + ripple * depth * width * 0.02)))
  const above = landAt(scene, crests, moved, moved / width, Math.max(0, mirrored))
  return blend(above, scene.ridge, 0.22 + 0.3 * depth + ripple * 0.12)
}

function landAt(scene: Scene, crests: Float64Array[], column: number, x: number, y: number): Colour {
  for (let i = crests.length - 1; i >= 0; i--) {
    const below = y - crests[i]![column]!
    if (below < 0) continue
    const near = (i + 1) / crests.length
    const haze = (1 - near) * 0.78 + Math.min(0.12, below * 0.5)
    const texture = (roughNoise(x * 60, y * 90, scene.seed + i, 3) - 0.5) * 26 * near
    const [red, green, blue] = blend(scene.ridge, scene.horizon, haze)
    return [red + texture, green + texture, blue + texture * 0.8]
  }
  return skyAt(scene, x, y)
}

function skyAt(scene: Scene, x: number, y: number): Colour {
  const sky = blend(scene.zenith, scene.horizon, Math.min(1, y / (scene.waterline * 0.8)) ** 1.2)
  const cover = roughNoise(x * 3.2, y * 11, scene.seed + 900, 5) - (1 - scene.clouds)
  const cloudy = blend(sky, [250, 244, 238], Math.max(0, Math.min(0.75, cover * 2.6)))
  const distance = Math.hypot((x - scene.sunX) * 1.6, y - scene.sunY)
  const glow = Math.exp(-distance * 5.5) * 0.75
  const disc = 1 / (1 + Math.exp((distance - 0.035) * 500))
  return blend(cloudy, scene.sun, Math.min(1, glow + disc))
}

function blend(from: Colour, to: Colour, part: number): Colour {
  return [mix(from[0], to[0], part), mix(from[1], to[1], part), mix(from[2], to[2], part)]
}
