// GET /explain of the admin interface: reads the question, has one worker answer it, and writes the answer as JSON or
// as text. What is answered is explain/'s; which worker and for how long is the view's.
import { EdgeError } from '../error.js'
import type { Explained } from '../explain/explanation.js'
import { type Fault, parametersOf, type Question, readQuestion } from '../explain/question.js'
import { renderFault, renderText } from '../explain/text.js'
import type { Answer } from './admin.js'
import type { Link } from './link.js'

/** How long the worker that is asked may take: constant, because answering takes it a millisecond or two. */
export const explainTimeoutMs = 2_000

/** Asks one worker. Rejects with an EdgeError (503) when there is none, or it dies or does not answer in time. */
export type AskWorker = (question: Question) => Promise<Explained>

/** `query` without its `?`; `accept` is the field Accept. Never rejects but for what must not happen. */
export async function answerExplain(query: string, accept: string, ask: AskWorker): Promise<Answer> {
  const format = formatOf(query, accept)
  if (typeof format !== 'string') return answerFault(400, format, 'json')
  const asked = readQuestion(query)
  if (!asked.ok) return answerFault(400, asked.fault, format)
  try {
    const explained = await ask(asked.question)
    if (!explained.ok) return answerFault(400, explained.fault, format)
    return format === 'text' ? text(200, renderText(explained.explanation)) : json(200, explained.explanation)
  } catch (error) {
    if (!(error instanceof EdgeError)) throw error
    const { code, message, status } = error
    return answerFault(status, { code, message, expected: 'to be asked again in a moment' }, format)
  }
}

/** Has the first ready worker of these answer. Rejects as `AskWorker` says. */
export async function explainBy(links: readonly Link[], question: Question): Promise<Explained> {
  const link = links.find(({ state }) => state === 'ready')
  if (link === undefined) throw noAnswer('no-worker', 'no worker is ready')
  try {
    return await link.explain(question, explainTimeoutMs)
  } catch (cause) {
    throw noAnswer('worker-failed', `worker ${link.slot} was asked: ${(cause as Error).message}`, cause)
  }
}

function noAnswer(code: string, message: string, cause?: unknown): EdgeError {
  return new EdgeError(code, message, { source: 'edge', status: 503, cause })
}

/** A terminal asks by `format=text` or `Accept: text/plain`; JSON is for everybody else. */
function formatOf(query: string, accept: string): 'json' | 'text' | Fault {
  const said = parametersOf(query).getAll('format')
  if (said.length === 0) return /(?:^|,)\s*text\/plain\s*(?:;|,|$)/i.test(accept) ? 'text' : 'json'
  const [format] = said
  if (said.length === 1 && (format === 'json' || format === 'text')) return format
  return { code: 'format', message: `format is ${JSON.stringify(said.join(', '))}`, expected: 'json or text' }
}

function answerFault(status: number, fault: Fault, format: 'json' | 'text'): Answer {
  return format === 'text' ? text(status, renderFault(fault)) : json(status, { error: fault })
}

function json(status: number, value: unknown): Answer {
  return { status, type: 'application/json', body: `${JSON.stringify(value, null, 2)}\n` }
}

function text(status: number, body: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body }
}
