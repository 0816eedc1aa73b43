// The API as functions with types: what naijctl, and any program, asks control by. The types are of the API's own schemas.
import createClient, { type Client } from 'openapi-fetch'
import type { paths } from './paths.js'

export type { paths } from './paths.js'

/** What control answers instead of what was asked for (RFC 9457). */
export interface ApiProblem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly errors: readonly { readonly pointer: string; readonly code: string; readonly detail: string }[]
  readonly requestId: string
}

/** Control has refused. */
export class ApiError extends Error {
  constructor(readonly problem: ApiProblem) {
    super(problem.detail)
  }
}

export type ControlClient = Client<paths>

/** `url`: of control, without a path. */
export function controlClient(url: string, token: string): ControlClient {
  return createClient<paths>({ baseUrl: url, headers: { authorization: `Bearer ${token}` } })
}

/** The data of an answer; throws an `ApiError`. */
export async function dataOf<Data>(
  answer: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<Data> {
  const { data, error, response } = await answer
  if (response.ok) return data as Data
  throw new ApiError(isProblem(error) ? error : unknownProblem(response))
}

function isProblem(error: unknown): error is ApiProblem {
  return typeof error === 'object' && error !== null && typeof (error as ApiProblem).detail === 'string'
}

function unknownProblem({ status, statusText }: Response): ApiProblem {
  const detail = `The answer is ${status} ${statusText}: is that control?`
  return { type: 'about:blank', title: statusText, status, detail, errors: [], requestId: '' }
}
