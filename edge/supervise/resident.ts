// The memory of this process, for its reports. Reading it opens a file: a process that clients have left without a
// free descriptor must not die of that.

let lastBytes = 0

/** Resident bytes now, or when they could last be read. */
export function residentBytes(): number {
  try {
    lastBytes = process.memoryUsage.rss()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EMFILE' && code !== 'ENFILE') throw error
  }
  return lastBytes
}
