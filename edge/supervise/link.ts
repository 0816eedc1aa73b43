// One worker process as the supervisor sees it: its state, its last report, and questions with a time limit.
// Whether and when it gets a successor is slot.ts's.
import type { SiteConfig } from '../../config/settings.js'
import type { Explained } from '../explain/explanation.js'
import type { Question as Explicable } from '../explain/question.js'
import type { OriginWord } from '../fetch/origin-health.js'
import type { Tail, Tailed } from '../usage/tap.js'
import { type FromWorker, impossible, type Report, type StartMessage, type ToWorker } from './messages.js'
import type { Spawn, SpawnedProcess } from './spawn.js'

export type LinkState = 'starting' | 'ready' | 'draining' | 'gone'

export interface Exit {
  code: number | null
  signal: NodeJS.Signals | null
  livedMs: number
  /** What the worker said, or what the supervisor killed it for; undefined when it died without a word. */
  failure: { code: string; message: string } | undefined
}

export interface LinkOptions {
  start: StartMessage
  /** A worker that is not ready by then is killed. */
  readyMs: number
  onReady(): void
  onEjected(word: OriginWord, reason: string): void
  onTailed(tailed: Tailed): void
  onExit(exit: Exit): void
}

interface Question {
  resolve(answer: FromWorker): void
  reject(error: Error): void
  timer: NodeJS.Timeout
}

export class Link {
  readonly slot: number
  readonly generation: number
  readonly startedAtMs = Date.now()
  state: LinkState = 'starting'
  /** Of the configuration that the worker works with. */
  revision: number
  /** The last it sent. */
  report: Report | undefined
  readonly #options: LinkOptions
  readonly #process: SpawnedProcess
  readonly #startMs = performance.now()
  readonly #readyTimer: NodeJS.Timeout
  readonly #questions = new Map<number, Question>()
  #lastId = 0
  #failure: Exit['failure']
  #asking: Promise<Report | undefined> | undefined

  constructor(spawn: Spawn, options: LinkOptions) {
    this.#options = options
    this.slot = options.start.slot
    this.generation = options.start.generation
    this.revision = options.start.revision
    this.#readyTimer = setTimeout(() => this.#fail('ready-timeout', 'was not ready in time'), options.readyMs)
    this.#process = spawn({
      message: message => this.#take(message),
      exit: (code, signal) => this.#gone(code, signal),
    })
    this.#process.send(options.start)
  }

  get pid(): number {
    return this.#process.pid
  }

  /** Has it build new sites. Rejects with the reason when it cannot, dies, or takes longer. */
  async prepare(revision: number, sites: readonly SiteConfig[], timeoutMs: number): Promise<void> {
    const answer = await this.#ask(id => ({ type: 'prepare', id, revision, sites }), timeoutMs)
    if (answer.type === 'refused') throw new Error(answer.reason)
  }

  /** Has it use what it prepared. Rejects when it dies or takes longer. */
  async commit(revision: number, timeoutMs: number): Promise<void> {
    await this.#ask(id => ({ type: 'commit', id, revision }), timeoutMs)
    this.revision = revision
  }

  tell(words: readonly OriginWord[]): void {
    this.#send({ type: 'origins', words })
  }

  tail(tails: readonly Tail[]): void {
    this.#send({ type: 'tails', tails })
  }

  discard(): void {
    this.#send({ type: 'discard' })
  }

  /** A fresh report, or the last one when there is no answer in time. At most one question is under way. */
  askReport(timeoutMs: number): Promise<Report | undefined> {
    if (this.state === 'starting' || this.state === 'gone') return Promise.resolve(this.report)
    this.#asking ??= this.#ask(id => ({ type: 'report', id }), timeoutMs)
      .then(() => this.report)
      .catch(() => this.report)
      .finally(() => {
        this.#asking = undefined
      })
    return this.#asking
  }

  /** Whether it says anything within this time. */
  answers(timeoutMs: number): Promise<boolean> {
    return this.#ask(id => ({ type: 'report', id }), timeoutMs).then(
      () => true,
      () => false,
    )
  }

  /** What would become of a request. Rejects when the worker fails, dies or takes longer. */
  async explain(question: Explicable, timeoutMs: number): Promise<Explained> {
    const answer = await this.#ask(id => ({ type: 'explain', id, question }), timeoutMs)
    if (answer.type === 'explained') return answer.explained
    throw new Error(answer.type === 'refused' ? answer.reason : `it answered with ${answer.type}`)
  }

  /** Has it finish and leave; one that has not begun to serve has nothing to finish. */
  drain(): void {
    if (this.state === 'starting') this.kill()
    if (this.state !== 'ready') return
    this.state = 'draining'
    this.#send({ type: 'drain' })
  }

  kill(): void {
    if (this.state !== 'gone') this.#process.kill('SIGKILL')
  }

  #take(message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        this.#ready()
        return
      case 'failed':
        this.#failure = { code: message.code, message: message.message }
        return
      case 'report':
        // One that nobody asked for says nothing of the origins.
        this.report = { ...this.report, ...message.report }
        this.#answered(message.id, message)
        return
      case 'ejected':
        this.#options.onEjected(message.word, message.reason)
        return
      case 'tailed':
        this.#options.onTailed(message.tailed)
        return
      case 'prepared':
      case 'refused':
      case 'committed':
      case 'explained':
        this.#answered(message.id, message)
        return
      default:
        impossible(message)
    }
  }

  #ready(): void {
    clearTimeout(this.#readyTimer)
    if (this.state !== 'starting') return
    this.state = 'ready'
    this.#options.onReady()
  }

  #fail(code: string, message: string): void {
    this.#failure = { code, message }
    this.kill()
  }

  #gone(code: number | null, signal: NodeJS.Signals | null): void {
    this.state = 'gone'
    clearTimeout(this.#readyTimer)
    for (const id of [...this.#questions.keys()]) this.#broken(id, 'the worker died')
    const livedMs = Math.round(performance.now() - this.#startMs)
    this.#options.onExit({ code, signal, livedMs, failure: this.#failure })
  }

  #send(message: ToWorker): void {
    if (this.state !== 'gone') this.#process.send(message)
  }

  #ask(question: (id: number) => ToWorker, timeoutMs: number): Promise<FromWorker> {
    if (this.state === 'gone') return Promise.reject(new Error('the worker is gone'))
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#broken(id, `no answer within ${timeoutMs} ms`), timeoutMs)
      this.#questions.set(id, { resolve, reject, timer })
      this.#process.send(question(id))
    })
  }

  #answered(id: number, answer: FromWorker): void {
    const question = this.#close(id)
    question?.resolve(answer)
  }

  #broken(id: number, reason: string): void {
    this.#close(id)?.reject(new Error(reason))
  }

  #close(id: number): Question | undefined {
    const question = this.#questions.get(id)
    if (question) clearTimeout(question.timer)
    this.#questions.delete(id)
    return question
  }
}
