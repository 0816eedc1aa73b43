// Everything on the demo's site that is a file: pages put into their layout, style and scripts under names that
// carry a hash of the content, photographs. Read once at start. What is made per request is in endpoints.ts.
import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, extname, join } from 'node:path'
import { PHOTOGRAPHS, type Photograph, type PhotographFile, WIDTHS } from './photographs.js'
import type { Resource } from './resource.js'

export interface Page {
  path: string
  file: string
  /** As the navigation calls it. */
  title: string
  description: string
  /** Names of the assets that only this page loads. */
  styles?: string[]
  scripts?: string[]
}

export const PAGES: readonly Page[] = [
  { path: '/', file: 'home', title: 'Start', description: 'What a content delivery network does, and why.' },
  {
    path: '/how-it-works',
    file: 'how-it-works',
    title: 'How it works',
    description: 'The path of a request through the edge, step by step.',
  },
  {
    path: '/photographs',
    file: 'photographs',
    title: 'Photographs',
    description: 'Four landscapes, in the size and format that each browser wants.',
  },
  {
    path: '/measure',
    file: 'measure',
    title: 'Measure',
    description: 'How long the edge takes, drawn as it happens.',
    styles: ['uPlot.min.css'],
    scripts: ['uPlot.iife.min.js', 'measure.js'],
  },
  {
    path: '/endpoints',
    file: 'endpoints',
    title: 'Endpoints',
    description: 'Addresses that behave in one particular way each.',
  },
]

const NOT_FOUND: Page = {
  path: '',
  file: 'not-found',
  title: 'Not found',
  description: 'There is nothing at this address.',
}

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Long enough to be a hit after a restart of the demo, short enough for a page that changes. */
const PAGE_CACHE_CONTROL = 'public, max-age=600'
/** Their address changes with their content. */
const ASSET_CACHE_CONTROL = 'public, max-age=31536000, immutable'
const PHOTOGRAPH_CACHE_CONTROL = 'public, max-age=31536000'
const NOT_FOUND_CACHE_CONTROL = 'public, max-age=10'

export interface Content {
  /** Path -> answer. */
  resources: ReadonlyMap<string, Resource>
  notFound: Resource
}

interface Asset {
  path: string
  resource: Resource
}

export interface ContentOptions {
  /** The package directory: what is not compiled stays in its bench/demo/pages. */
  root: string
  photographs: readonly PhotographFile[]
  /** Where readers reach the site, such as `http://127.0.0.1:8080`; named in examples. */
  address: string
}

/** Reads all files; throws when one is missing or a page names an asset that is not there. */
export async function readContent(options: ContentOptions): Promise<Content> {
  const directory = join(options.root, 'bench/demo/pages')
  const assets = await readAssets(directory)
  const read = (page: Page) => readPage(directory, page, assets, options.address)
  const resources = new Map<string, Resource>()
  for (const { path, resource } of assets.values()) resources.set(path, resource)
  for (const page of PAGES) resources.set(page.path, await read(page))
  for (const { file, bytes, modifiedAt } of options.photographs) {
    const resource = { status: 200, type: TYPES['.jpg']!, body: bytes, modifiedAt }
    resources.set(`/photographs/${file}`, { ...resource, cacheControl: PHOTOGRAPH_CACHE_CONTROL })
  }
  resources.set('/robots.txt', robots(resources.get('/')!.modifiedAt))
  const notFound = { ...(await read(NOT_FOUND)), status: 404, cacheControl: NOT_FOUND_CACHE_CONTROL }
  return { resources, notFound }
}

/** Ours and uPlot's: name -> where it is served and what. */
async function readAssets(directory: string): Promise<Map<string, Asset>> {
  const uplot = join(createRequire(import.meta.url).resolve('uplot/package.json'), '../dist')
  const ours = ['site.css', 'measure.js', 'mark.svg'].map(name => join(directory, name))
  const files = [...ours, join(uplot, 'uPlot.iife.min.js'), join(uplot, 'uPlot.min.css')]
  const assets = new Map<string, Asset>()
  for (const file of files) assets.set(basename(file), await readAsset(file))
  return assets
}

async function readAsset(file: string): Promise<Asset> {
  const body = await readFile(file)
  const extension = extname(file)
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 10)
  const modifiedAt = (await stat(file)).mtime
  return {
    path: `/assets/${basename(file, extension)}.${hash}${extension}`,
    resource: { status: 200, type: TYPES[extension]!, body, cacheControl: ASSET_CACHE_CONTROL, modifiedAt },
  }
}

async function readPage(
  directory: string,
  page: Page,
  assets: ReadonlyMap<string, Asset>,
  address: string,
): Promise<Resource> {
  const files = ['layout', page.file].map(name => join(directory, `${name}.html`))
  const [layout, main] = await Promise.all(files.map(file => readFile(file, 'utf8')))
  const times = await Promise.all(files.map(async file => (await stat(file)).mtimeMs))
  const words = (word: string, argument: string): string | undefined => {
    if (word === 'asset') return assets.get(argument)?.path
    if (word === 'srcset') return srcset(argument)
    return { ...partsOf(page), main: main!, address }[word]
  }
  return {
    status: 200,
    type: TYPES['.html']!,
    // Twice: the layout's words bring in the page, whose own words are then left.
    body: Buffer.from(fill(fill(layout!, words), words)),
    cacheControl: PAGE_CACHE_CONTROL,
    modifiedAt: new Date(Math.max(...times)),
  }
}

/** Puts values in the place of `{{word}}` and `{{word argument}}`; throws on a word that has none. */
export function fill(
  template: string,
  words: (word: string, argument: string) => string | undefined,
): string {
  return template.replace(/\{\{(\w+) ?([^}]*)\}\}/g, (found, word: string, argument: string) => {
    const value = words(word, argument)
    if (value === undefined) throw new Error(`nothing to put in the place of ${found}`)
    return value
  })
}

function partsOf(page: Page): Record<string, string> {
  const styles = (page.styles ?? []).map(name => `<link rel="stylesheet" href="{{asset ${name}}}">`)
  const scripts = (page.scripts ?? []).map(name => `<script defer src="{{asset ${name}}}"></script>`)
  return {
    title: page.title,
    description: page.description,
    head: [...styles, ...scripts].join('\n'),
    navigation: PAGES.map(({ path, title }) => {
      const current = path === page.path ? ' aria-current="page"' : ''
      return `<a href="${path}"${current}>${title}</a>`
    }).join(''),
    gallery: PHOTOGRAPHS.map(figure).join('\n'),
  }
}

function figure({ name, title }: Photograph): string {
  return `<figure>
<img src="/photographs/${name}.jpg?w=800" srcset="${srcset(name)}" sizes="(min-width: 60rem) 34rem, 100vw"
 width="1600" height="1000" loading="lazy" alt="${title}">
<figcaption>${title}<small>${WIDTHS.map(width => `<a href="/photographs/${name}.jpg?w=${width}">${width}</a>`).join(' · ')}
pixels wide</small></figcaption>
</figure>`
}

function srcset(name: string): string {
  return WIDTHS.map(width => `/photographs/${name}.jpg?w=${width} ${width}w`).join(', ')
}

function robots(modifiedAt: Date): Resource {
  const body = Buffer.from('User-agent: *\nAllow: /\n')
  return {
    status: 200,
    type: 'text/plain; charset=utf-8',
    body,
    cacheControl: PAGE_CACHE_CONTROL,
    modifiedAt,
  }
}
