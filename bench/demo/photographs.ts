// The demo's photographs: painted once, encoded as JPEG, kept on disk for the next start. Other sizes and formats are the edge's
// to make.
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { paintLandscape, type Scene } from './landscape.js'

export interface Photograph {
  /** Part of the URL. */
  name: string
  title: string
  scene: Scene
}

export interface PhotographFile {
  /** `NAME.jpg` */
  file: string
  bytes: Buffer
  modifiedAt: Date
}

/** What the pages ask for. */
export const WIDTHS = [320, 800, 1600] as const
/** Height over width. */
const ASPECT = 0.625
const JPEG_QUALITY = 82

export const PHOTOGRAPHS: readonly Photograph[] = [
  {
    name: 'lagoon-dawn',
    title: 'The lagoon before the first ferry',
    scene: {
      ...{
        seed: 11,
        zenith: [72, 98, 148],
        horizon: [246, 196, 158],
        ridge: [38, 46, 66],
        sun: [255, 226, 178],
      },
      ...{ sunX: 0.64, sunY: 0.4, waterline: 0.62, ridges: 4, clouds: 0.5 },
    },
  },
  {
    name: 'plateau-noon',
    title: 'The plateau at noon, after rain',
    scene: {
      ...{
        seed: 29,
        zenith: [52, 116, 190],
        horizon: [196, 220, 232],
        ridge: [46, 82, 44],
        sun: [255, 252, 236],
      },
      ...{ sunX: 0.22, sunY: 0.1, waterline: 1, ridges: 5, clouds: 0.6 },
    },
  },
  {
    name: 'harmattan-hills',
    title: 'Hills in the dust of the harmattan',
    scene: {
      ...{
        seed: 47,
        zenith: [186, 166, 138],
        horizon: [232, 208, 168],
        ridge: [96, 72, 52],
        sun: [255, 240, 206],
      },
      ...{ sunX: 0.5, sunY: 0.24, waterline: 1, ridges: 6, clouds: 0.3 },
    },
  },
  {
    name: 'river-dusk',
    title: 'Where the two rivers meet, at dusk',
    scene: {
      ...{
        seed: 83,
        zenith: [34, 32, 74],
        horizon: [232, 112, 84],
        ridge: [22, 20, 38],
        sun: [255, 190, 120],
      },
      ...{ sunX: 0.36, sunY: 0.47, waterline: 0.58, ridges: 3, clouds: 0.55 },
    },
  },
]

/** Reads the files of all photographs from `directory`, making those that are not there. */
export async function makePhotographs(
  directory: string,
  photographs: readonly Photograph[] = PHOTOGRAPHS,
): Promise<PhotographFile[]> {
  await mkdir(directory, { recursive: true })
  const files: PhotographFile[] = []
  for (const photograph of photographs) {
    const name = fileName(photograph)
    if ((await readKept(directory, name)) === undefined) await develop(directory, photograph)
    files.push(await read(directory, name))
  }
  return files
}

export function fileName({ name }: Pick<Photograph, 'name'>): string {
  return `${name}.jpg`
}

async function readKept(directory: string, file: string): Promise<PhotographFile | undefined> {
  try {
    return await read(directory, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function read(directory: string, file: string): Promise<PhotographFile> {
  const path = join(directory, file)
  return { file, bytes: await readFile(path), modifiedAt: (await stat(path)).mtime }
}

async function develop(directory: string, photograph: Photograph): Promise<void> {
  // Loaded only here: a start that finds its photographs on disk does without the image library.
  const { default: sharp } = await import('sharp')
  const width = Math.max(...WIDTHS)
  const height = Math.round(width * ASPECT)
  const raw = paintLandscape(photograph.scene, width, height)
  const picture = sharp(raw, { raw: { width, height, channels: 3 } })
  const bytes = await picture.jpeg({ quality: JPEG_QUALITY, mozjpeg: true }).toBuffer()
  const path = join(directory, fileName(photograph))
  // Renamed into place, so that a start broken off in the middle leaves no half picture behind.
  await writeFile(`${path}.part`, bytes)
  await rename(`${path}.part`, path)
}
