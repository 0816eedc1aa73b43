// Which of several answers for a host: the one that names it, then the longest wildcard, then the one for all others.

/** `hostsOf`: names, wildcards such as `*.example.org`, or `*`. No two of `items` share one. */
export function hostTable<T>(
  items: readonly T[],
  hostsOf: (item: T) => readonly string[],
): (host: string) => T | undefined {
  const exact = new Map<string, T>()
  const wildcards = new Map<string, T>()
  let fallback: T | undefined
  for (const item of items) {
    for (const host of hostsOf(item)) {
      if (host === '*') fallback = item
      else if (host.startsWith('*.')) wildcards.set(host.slice(2), item)
      else exact.set(host, item)
    }
  }
  return host => exact.get(host) ?? findWildcard(wildcards, host) ?? fallback
}

/** `*.example.org` stands for every name below it, however deep; the longest suffix wins. */
function findWildcard<T>(wildcards: ReadonlyMap<string, T>, host: string): T | undefined {
  if (wildcards.size === 0) return undefined
  for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
    const item = wildcards.get(host.slice(dot + 1))
    if (item !== undefined) return item
  }
  return undefined
}
