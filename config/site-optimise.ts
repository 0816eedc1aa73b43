// The part of the settings table that says in which forms what is stored of a site is served: `sites[].optimise`.
import { bytes, choice, flag, group, listOrNone, text } from './leaf.js'
import { siteImage } from './site-image.js'

/** In the order of what they save on texts. */
export const codingWords = ['br', 'zstd', 'gzip'] as const

export const siteOptimise = group(
  {
    compress: flag(
      true,
      'Serve what is stored without a coding in the best coding that the client takes; each is made once and stored.',
    ),
    codings: listOrNone(
      choice(codingWords, undefined, 'A content coding.'),
      { byDefault: codingWords, itemsMax: 3 },
      'The codings that are made; of those that a client takes alike, the first.',
    ),
    compressTypes: listOrNone(
      text('typePattern', 'A content type, without parameters.'),
      {
        byDefault: [
          'text/*',
          'application/javascript',
          'application/json',
          'application/manifest+json',
          'application/wasm',
          'application/xml',
          'application/x-javascript',
          'application/*+json',
          'application/*+xml',
          'application/vnd.ms-fontobject',
          'font/otf',
          'font/ttf',
          'image/bmp',
          'image/svg+xml',
          'image/vnd.microsoft.icon',
          'image/x-icon',
        ],
        itemsMax: 64,
      },
      'The content types that are compressed.',
    ),
    compressBytesMin: bytes('1KiB', ['0B', '1GiB'], 'A shorter body is served as it is.'),
    compressBytesMax: bytes('10MiB', ['1KiB', '1GiB'], 'A longer body is served as it is.'),
    compressPassed: flag(
      true,
      'Compress answers that are not stored too, while they pass, within `optimise.passStreamsMax` and `passBytesMax`.',
    ),
    dictionaries: flag(
      false,
      'Serve clients that have an earlier version of a response the difference to it (RFC 9842, coding dcz).',
    ),
    dictionaryPaths: listOrNone(
      text('pathPattern', 'A path, without query, with `*` for what differs between versions.'),
      { byDefault: [], itemsMax: 64 },
      'Responses that are offered as dictionaries for later ones of the same pattern; beside those that the origin offers by Use-As-Dictionary.',
    ),
    images: flag(
      false,
      'Resize images and convert them as the query of a request says; each form is made once and stored.',
    ),
    image: siteImage,
  },
  'In which forms it is served.',
)
