// What a failed call of this room throws: an Error with a `code`, as Node's own file calls do.

/** `code` is a name of errno such as `ENOSPC`, or a lower-case word of ours such as `wrong-length`. */
export interface NativeFailure extends Error {
  code: string
  /** The call of the kernel that failed, and its number; only with a name of errno. */
  syscall?: string
  errno?: number
  path?: string
}

export function failure(code: string, message: string): NativeFailure {
  return Object.assign(new Error(message), { code })
}

/** The same error, which now says what file it is about. */
export function aboutFile(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || 'path' in error) return error
  return Object.assign(error, { message: `${error.message} '${path}'`, path })
}
