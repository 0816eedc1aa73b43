// What somebody who purges may say, read from unknown: all that is wrong with it is told at once, and nothing is purged
// unless all of it is right. Items become the keys and tags by which the workers know what is stored.
import type { SiteConfig } from '../../config/settings.js'
import { hostTable } from '../accept/host-table.js'
import { readPublicUrl } from '../accept/public-url.js'
import { imagePaths } from '../cache/form-rules.js'
import { governedTarget, keyPrefix } from '../cache/identify.js'
import { type PurgeKind, type PurgeRule, purgeKinds } from '../cache/purges/rule.js'
import { TAG_BYTES_MAX } from '../http/tags.js'
import { bareTarget } from '../optimise/image-request.js'

export interface PurgeRequest {
  readonly kind: PurgeKind
  /** '' when items of several sites were named, or of kind `all`. */
  readonly site: string
  readonly isSoft: boolean
  readonly isDryRun: boolean
  readonly rules: readonly PurgeRule[]
}

export interface PurgeProblem {
  /** Of the value in the request (RFC 6901); '' is the whole. */
  readonly pointer: string
  readonly message: string
}

export type ReadPurge = { ok: true; request: PurgeRequest } | { ok: false; problems: readonly PurgeProblem[] }

export interface PurgeContext {
  sites: readonly SiteConfig[]
  itemsMax: number
  /** Wall clock, milliseconds. */
  nowMs: number
}

const problemsMax = 20
const known: readonly string[] = ['kind', 'site', 'items', 'soft', 'dryRun']

/** `body`: parsed JSON. */
export function readPurge(body: unknown, context: PurgeContext): ReadPurge {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return { ok: false, problems: [{ pointer: '', message: 'expected an object with "kind"' }] }
  }
  return new Reader(body as Record<string, unknown>, context).read()
}

class Reader {
  readonly #body: Record<string, unknown>
  readonly #context: PurgeContext
  readonly #problems: PurgeProblem[] = []
  #siteOf: ReturnType<typeof hostTable<SiteConfig>> | undefined

  constructor(body: Record<string, unknown>, context: PurgeContext) {
    this.#body = body
    this.#context = context
  }

  read(): ReadPurge {
    for (const name of Object.keys(this.#body)) {
      if (!known.includes(name)) this.#problem(name, `there is no such field, only ${known.join(', ')}`)
    }
    const kind = this.#kind()
    const isSoft = this.#flag('soft')
    const isDryRun = this.#flag('dryRun')
    const site = this.#site(kind)
    const rules = kind === undefined ? [] : this.#rules(kind, site, isSoft)
    if (this.#problems.length > 0) return { ok: false, problems: this.#problems.slice(0, problemsMax) }
    return { ok: true, request: { kind: kind!, site: site?.name ?? '', isSoft, isDryRun, rules } }
  }

  #kind(): PurgeKind | undefined {
    const kind = purgeKinds.find(each => each === this.#body.kind)
    if (kind === undefined) this.#problem('kind', `expected one of ${purgeKinds.join(', ')}`)
    return kind
  }

  #flag(name: 'soft' | 'dryRun'): boolean {
    const value = this.#body[name] ?? false
    if (typeof value !== 'boolean') this.#problem(name, 'expected true or false')
    return value === true
  }

  #site(kind: PurgeKind | undefined): SiteConfig | undefined {
    const name = this.#body.site
    if (name === undefined) {
      if (kind === 'tag' || kind === 'site')
        this.#problem('site', `expected the name of a site for a ${kind}`)
      return undefined
    }
    if (kind === 'all') return void this.#problem('site', 'not with kind all, which is every site')
    const site = this.#context.sites.find(each => each.name === name)
    if (site === undefined) this.#problem('site', `no site has this name; there are ${this.#siteNames()}`)
    return site
  }

  #siteNames(): string {
    const names = this.#context.sites.map(({ name }) => name)
    return names.length > problemsMax
      ? `${names.slice(0, problemsMax).join(', ')} and others`
      : names.join(', ')
  }

  #rules(kind: PurgeKind, site: SiteConfig | undefined, isSoft: boolean): PurgeRule[] {
    const atMs = this.#context.nowMs
    const { items } = this.#body
    if (kind === 'all' || kind === 'site') {
      if (items !== undefined && !(Array.isArray(items) && items.length === 0)) {
        this.#problem('items', `not with kind ${kind}`)
      }
      return [{ kind, site: site?.name ?? '', item: '', isSoft, atMs }]
    }
    return this.#items().flatMap((item, index) => {
      const named = kind === 'tag' ? this.#tag(item, index, site) : this.#address(kind, item, index, site)
      return named === undefined ? [] : [{ kind, ...named, isSoft, atMs }]
    })
  }

  #items(): readonly unknown[] {
    const { items } = this.#body
    const { itemsMax } = this.#context
    if (!Array.isArray(items) || items.length === 0) {
      this.#problem('items', 'expected a list of at least one')
      return []
    }
    if (items.length > itemsMax) {
      this.#problem('items', `${items.length} are more than ${itemsMax} (limits.purgeItemsMax)`)
      return []
    }
    return items
  }

  #tag(item: unknown, index: number, site: SiteConfig | undefined) {
    // Fields are byte strings to us.
    const tag = typeof item === 'string' ? Buffer.from(item).toString('latin1') : ''
    if (tag === '' || tag.length > TAG_BYTES_MAX || /^\s|\s$|[\0-\x1f\x7f]/.test(tag)) {
      return this.#problem(
        `items/${index}`,
        `expected a tag of 1 to ${TAG_BYTES_MAX} bytes, without space around it`,
      )
    }
    return { site: site?.name ?? '', item: tag }
  }

  #address(kind: 'url' | 'prefix', item: unknown, index: number, site: SiteConfig | undefined) {
    const read = typeof item === 'string' ? readPublicUrl(item) : undefined
    if (read === undefined) {
      return this.#problem(`items/${index}`, 'expected an absolute URL, as https://www.example.org/path')
    }
    this.#siteOf ??= hostTable(this.#context.sites, ({ hosts }) => hosts)
    const owner = this.#siteOf(read.host)
    if (owner === undefined) return this.#problem(`items/${index}`, `no site here has the host ${read.host}`)
    if (site !== undefined && owner !== site) {
      return this.#problem(`items/${index}`, `the host ${read.host} is of the site ${owner.name}`)
    }
    if (kind === 'prefix' && read.target.includes('?')) {
      return this.#problem(`items/${index}`, 'a prefix has no query: it is compared with paths')
    }
    const target =
      kind === 'url' ? governedTarget({ config: owner }, imageOf(owner, read.target)) : read.target
    const prefix = keyPrefix('http', owner.name, read.authority, owner.cache.keyFields)
    return { site: owner.name, item: prefix + target }
  }

  #problem(path: string, message: string): undefined {
    this.#problems.push({ pointer: `/${path}`, message })
  }
}

/** A form of an image goes with the image, of which it is made. */
function imageOf({ optimise }: SiteConfig, target: string): string {
  return imagePaths(optimise)(target.split('?', 1)[0]!) ? bareTarget(target) : target
}
