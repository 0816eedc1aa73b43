// How long closing waits for writes.

/** Closing does not wait longer than this for a disk that does not answer. */
export const closeTimeoutMs = 5_000

/** False when it has not ended by then. Rejects as `ended`. */
export async function inTime(ended: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>(resolve => {
    timer = setTimeout(() => resolve(false), closeTimeoutMs)
  })
  try {
    return await Promise.race([ended.then(() => true), late])
  } finally {
    clearTimeout(timer)
  }
}
