// What the bench and the demo tell the user instead of a stack trace: a missing tool, a wrong argument, a server
// that does not start. Thrown anywhere, printed once by the two entry files.

/** `exitCode` is what the process ends with: 2 for usage and for what is missing, 1 for a run that went wrong. */
export class Problem extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode = 2) {
    super(message)
    this.name = 'Problem'
    this.exitCode = exitCode
  }
}
