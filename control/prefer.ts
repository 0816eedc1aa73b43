// RFC 7240: `Prefer: wait=5`, in seconds. Pure.

/** Milliseconds to hold the answer back, never more than `waitMs`; 0 when nothing is said that can be understood. */
export function waitOf(prefer: string | string[] | undefined, { waitMs }: { waitMs: number }): number {
  const [, seconds] =
    /(?:^|,)\s*wait\s*=\s*"?(\d{1,6})"?\s*(?:[,;]|$)/i.exec([prefer ?? ''].flat().join(',')) ?? []
  return seconds === undefined ? 0 : Math.min(Number(seconds) * 1_000, waitMs)
}
