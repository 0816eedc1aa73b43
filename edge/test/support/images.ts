// Images for plays, made of noise and shapes by the library itself, in every manner that cameras and mischief have.
import sharp, { type Sharp } from 'sharp'

/** A photograph, as far as encoders can tell: shapes, a gradient, and grain that is the same each time. */
export function photograph(width: number, height: number): Sharp {
  const pixels = Buffer.alloc(width * height * 3)
  let seed = 1
  for (let at = 0; at < pixels.length; at += 3) {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff
    const [x, y] = [(at / 3) % width, Math.floor(at / 3 / width)]
    const grain = (seed >> 16) & 15
    pixels[at] = ((x / width) * 200 + grain) & 255
    pixels[at + 1] = ((y / height) * 200 + grain) & 255
    pixels[at + 2] =
      (x - width / 2) ** 2 + (y - height / 2) ** 2 < (width / 4) ** 2 ? 200 + grain : 40 + grain
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
}

/** Frames that differ, side by side in time. */
export async function moving(width: number, height: number, frames: number): Promise<Buffer> {
  const pages = await Promise.all(
    Array.from({ length: frames }, (_, at) =>
      sharp({
        create: { width, height, channels: 4, background: { r: at * 20, g: 255 - at * 20, b: 90, alpha: 1 } },
      })
        .png()
        .toBuffer(),
    ),
  )
  return sharp(pages, { join: { animated: true } })
    .gif({ delay: pages.map(() => 50) })
    .toBuffer()
}

/** How far two images are apart, from 0 to 255: the mean over all channels of all pixels, at the size of the second. */
export async function distance(one: Buffer, other: Buffer): Promise<number> {
  const { width, height } = await sharp(other).metadata()
  const raw = (image: Buffer) =>
    sharp(image)
      .autoOrient()
      .resize(width, height, { fit: 'fill' })
      .flatten()
      .toColourspace('srgb')
      .raw()
      .toBuffer()
  const [a, b] = await Promise.all([raw(one), raw(other)])
  let sum = 0
  for (let at = 0; at < b.length; at += 1) sum += Math.abs(a[at]! - b[at]!)
  return sum / b.length
}
