// One form of an image, in a thread of the pool: decoded, turned upright, resized, written in sRGB without what the file
// tells of its maker. Whatever the bytes are, it ends with an image or a reason.
import sharp, { type Metadata, type Sharp } from 'sharp'
import type { ImageWork } from './image-request.js'
import type { Made } from './work.js'

export interface ImageBounds {
  readonly bytesMax: number
  readonly pixelsMax: number
  readonly framesMax: number
}

// One thread of the pool makes one image; what was decoded is not asked for again.
sharp.concurrency(1)
sharp.cache(false)
// Of the many readers of the library those whose files are asked for here; SVG, PDF and their like are programs, not images.
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: [
    'VipsForeignLoadJpegBuffer',
    'VipsForeignLoadPngBuffer',
    'VipsForeignLoadWebpBuffer',
    'VipsForeignLoadNsgifBuffer',
    'VipsForeignLoadHeifBuffer',
    'VipsForeignLoadTiffBuffer',
  ],
})

/** Of AVIF: of a photograph 1 takes half the time of 2 and a tenth of that of 4, for as many bytes as 2 and 0.3 dB less. */
const avifEffort = { fast: 1, best: 4 } as const
/** Of WebP. */
const webpEffort = { fast: 3, best: 5 } as const

type Format = 'avif' | 'webp' | 'jpeg' | 'png' | 'gif'

class Unfit extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
  ) {
    super(reason)
  }
}

/** Never rejects. */
export async function makeImage(work: ImageWork, body: Uint8Array, bounds: ImageBounds): Promise<Made> {
  try {
    if (body.length > bounds.bytesMax)
      throw new Unfit(413, `The image has more than ${bounds.bytesMax} bytes.`)
    const found = await metadataOf(body)
    const frames = judge(found, bounds)
    const format = formatOf(work, found, frames)
    const image = sharp(body, {
      limitInputPixels: bounds.pixelsMax,
      failOn: 'truncated',
      sequentialRead: true,
      // What cannot move any more is its first frame.
      pages: canMove(format) ? frames : 1,
    })
    const made = await encoded(resized(image.autoOrient(), work), format, work, found)
    return { body: made, type: `image/${format}` }
  } catch (error) {
    if (error instanceof Unfit) return { status: error.status, reason: error.reason }
    return { status: 422, reason: 'The image is damaged.' }
  }
}

async function metadataOf(body: Uint8Array): Promise<Metadata> {
  try {
    return await sharp(body, { limitInputPixels: false }).metadata()
  } catch {
    // Whatever else it is: no reader of ours begins with it.
    throw new Unfit(415, 'This is no image that can be read.')
  }
}

/** How many frames it has. */
function judge(found: Metadata, { pixelsMax, framesMax }: ImageBounds): number {
  const frames = found.pages ?? 1
  // HEIF with other codings than AV1 is read by nobody here.
  if (found.format === 'heif' && found.compression !== 'av1')
    throw new Unfit(415, 'This is no image that can be read.')
  if (frames > framesMax) throw new Unfit(413, `The image has more than ${framesMax} frames.`)
  const height = found.pageHeight ?? found.height
  if (found.width * height * frames > pixelsMax)
    throw new Unfit(413, `The image has more than ${pixelsMax} pixels.`)
  return frames
}

function canMove(format: Format): boolean {
  return format === 'webp' || format === 'gif'
}

/** An image that moves goes on moving, in a format that can. */
function formatOf({ format, isAuto }: ImageWork, found: Metadata, frames: number): Format {
  const moves = frames > 1 && (found.format === 'gif' || found.format === 'webp')
  if (format === 'source') return sourceFormat(found.format, moves)
  return moves && isAuto && format === 'avif' ? 'webp' : format
}

/** What it came in, where clients of all ages read that. */
function sourceFormat(format: string | undefined, moves: boolean): Format {
  if (format === 'png') return 'png'
  if (format === 'gif') return moves ? 'gif' : 'png'
  if (format === 'webp') return 'webp'
  return 'jpeg'
}

function resized(image: Sharp, { width, height, fit }: ImageWork): Sharp {
  if (width === undefined && height === undefined) return image
  // Nothing is made larger than it came, but for what is to have these very sides.
  const withoutEnlargement = fit !== 'contain' && fit !== 'fill'
  const background = { r: 255, g: 255, b: 255, alpha: 0 }
  return image.resize({ width, height, fit, withoutEnlargement, background })
}

function encoded(image: Sharp, format: Format, work: ImageWork, { hasAlpha }: Metadata): Promise<Buffer> {
  const { quality, effort } = work
  switch (format) {
    case 'avif':
      return image.avif({ quality, effort: avifEffort[effort] }).toBuffer()
    case 'webp':
      return image.webp({ quality, effort: webpEffort[effort] }).toBuffer()
    case 'jpeg':
      return (hasAlpha ? image.flatten({ background: '#fff' }) : image)
        .jpeg({ quality, progressive: true, mozjpeg: effort === 'best' })
        .toBuffer()
    case 'png':
      return image.png({ compressionLevel: effort === 'best' ? 9 : 6 }).toBuffer()
    case 'gif':
      return image.gif({ effort: effort === 'best' ? 7 : 3 }).toBuffer()
  }
}
