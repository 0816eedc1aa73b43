// What goes wrong at the API, as RFC 9457 tells it: all faults at once, each with a JSON pointer.

export interface FaultDetail {
  readonly pointer: string
  readonly code: string
  readonly detail: string
}

/** Thrown anywhere below a route; becomes `application/problem+json`. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    /** Of `type`, after the last slash. */
    readonly code: string,
    readonly detail: string,
    readonly errors: readonly FaultDetail[] = [],
  ) {
    super(detail)
  }
}

export function notFound(what: string): Problem {
  return new Problem(404, 'not-found', `There is no ${what}.`)
}

export function conflict(code: string, detail: string): Problem {
  return new Problem(409, code, detail)
}

export function invalid(errors: readonly FaultDetail[]): Problem {
  return new Problem(422, 'invalid', `${errors.length} of what was sent is not right.`, errors)
}

const titles: Record<number, string> = {
  400: 'Bad request',
  401: 'Who are you?',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Conflict',
  412: 'Changed meanwhile',
  410: 'Gone',
  413: 'Too large',
  415: 'Not JSON',
  422: 'Not right',
  428: 'If-Match is needed',
  429: 'Too many',
  500: 'Our fault',
  507: 'No room',
}

export function problemBody({ status, code, detail, errors }: Problem, requestId: string) {
  return {
    type: `https://naijcloud.example/problems/${code}`,
    title: titles[status] ?? 'Problem',
    status,
    detail,
    errors,
    requestId,
  }
}
