// Waiting for something that has no event to wait for, such as what another process says of itself.

/** Resolves with the first value of `look` that is not undefined; rejects after `limitMs`. */
export async function until<T>(
  look: () => T | undefined | Promise<T | undefined>,
  limitMs = 60_000,
): Promise<T> {
  const endMs = performance.now() + limitMs
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() > endMs) throw new Error(`not within ${limitMs} ms: ${look}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
