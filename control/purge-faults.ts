// What is wrong with a purge that can be seen before any edge hears of it: all at once. Pure.
import { type FaultDetail, invalid } from './problem.js'

interface Asked {
  readonly kind: 'url' | 'prefix' | 'tag' | 'site'
  readonly items?: readonly string[]
}

const tagBytesMax = 1_024

/** `config`: of the version that edges serve; undefined: there is none. Throws a Problem. */
export function faultsOfPurge(
  { kind, items = [] }: Asked,
  config: Readonly<Record<string, unknown>> | undefined,
): void {
  const faults: FaultDetail[] = []
  const fault = (pointer: string, code: string, detail: string) => void faults.push({ pointer, code, detail })
  if (kind === 'site') {
    if (items.length > 0) fault('/items', 'items', 'not with kind site, which is all of it')
  } else {
    if (items.length === 0) fault('/items', 'items', 'expected a list of at least one')
    items.forEach((item, at) => {
      const why = kind === 'tag' ? whyNoTag(item) : whyNoAddress(kind, item, hostsOf(config))
      if (why !== undefined) fault(`/items/${at}`, kind, why)
    })
  }
  if (faults.length > 0) throw invalid(faults)
}

function whyNoTag(tag: string): string | undefined {
  const isTag = Buffer.byteLength(tag) <= tagBytesMax && !/^\s|\s$|[\0-\x1f\x7f]/.test(tag)
  return isTag ? undefined : `expected a tag of 1 to ${tagBytesMax} bytes, without space around it`
}

function whyNoAddress(kind: 'url' | 'prefix', text: string, hosts: readonly string[]): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol))
    return 'expected an absolute URL, as https://www.example.org/path'
  if (kind === 'prefix' && text.includes('?')) return 'a prefix has no query: it is compared with paths'
  if (!hosts.some(host => holds(host, url.hostname))) return `the host ${url.hostname} is not of this site`
  return undefined
}

/** The edge knows which site is the nearest when several could have it. */
function holds(host: string, name: string): boolean {
  return host === '*' || (host.startsWith('*.') ? name.endsWith(host.slice(1)) : name === host)
}

function hostsOf(config: Readonly<Record<string, unknown>> | undefined): string[] {
  const hosts = config?.hosts
  return Array.isArray(hosts) ? hosts.filter((host): host is string => typeof host === 'string') : []
}
