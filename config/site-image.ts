// The part of the settings table that says how images are resized and converted: `sites[].optimise.image`.
import { bytes, choice, count, flag, group, listOrNone, optional, text } from './leaf.js'

const formatWords = ['auto', 'avif', 'webp', 'jpeg', 'png'] as const
const fitWords = ['cover', 'contain', 'inside', 'fill'] as const

const side = (why: string) => optional(count(undefined, [1, 16_384], why))

const preset = group(
  {
    name: text('presetName', 'What requests call it: `?preset=NAME`.'),
    w: side('The width, in pixels.'),
    h: side('The height, in pixels.'),
    fit: optional(choice(fitWords, undefined, 'How it fits into both.')),
    q: optional(count(undefined, [1, 100], 'The quality.')),
    format: optional(choice(formatWords, undefined, 'The format.')),
  },
  'One preset.',
)

export const siteImage = group(
  {
    paths: listOrNone(
      text('pathPattern', 'A path, without query.'),
      {
        byDefault: ['*.jpg', '*.jpeg', '*.png', '*.gif', '*.webp', '*.avif', '*.tif', '*.tiff'],
        itemsMax: 64,
      },
      "The paths whose query (w, h, fit, q, dpr, format, preset, sig, exp) asks for a form of an image; elsewhere it is the origin's.",
    ),
    presets: listOrNone(preset, { byDefault: [], itemsMax: 256 }, 'Named forms.'),
    presetsOnly: flag(false, 'Whether only presets may be asked for.'),
    sides: listOrNone(
      count(undefined, [1, 16_384], 'A width or height, in pixels, after `dpr`.'),
      { byDefault: [], itemsMax: 256 },
      'The widths and heights that may be asked for; an empty list is all up to `sideMax`.',
    ),
    sideMax: count(
      4_096,
      [1, 16_384],
      'The largest width or height that may be asked for, in pixels, after `dpr`.',
    ),
    secretFile: optional(
      text(
        'path',
        'A file with the secret by which URLs are signed: without a right `sig` nobody gets a form. Absent: nothing is signed.',
      ),
    ),
    qualityJpeg: count(78, [1, 100], 'The quality of JPEG when a request names none.'),
    qualityWebp: count(75, [1, 100], 'The same of WebP.'),
    qualityAvif: count(50, [1, 100], 'The same of AVIF.'),
    saveData: flag(false, 'Whether clients that send `Save-Data: on` get a lower quality.'),
    clientHints: flag(
      false,
      'Whether Sec-CH-Width and Sec-CH-DPR stand in for `w` and `dpr` where a request names none.',
    ),
    bytesMax: bytes(
      '32MiB',
      ['1KiB', '1GiB'],
      'A longer image is answered with 413 when another form is asked for.',
    ),
    pixelsMax: count(
      50_000_000,
      [1, 1_000_000_000],
      'The same of one that has more pixels, over all frames.',
    ),
    framesMax: count(200, [1, 10_000], 'The same of one that has more frames.'),
    whenBusy: choice(
      ['original', 'refuse'],
      'original',
      'What is served when a form cannot be made in time: the image as it came, or 503 with Retry-After.',
    ),
  },
  'The making of images, on sites with `images` on.',
)
