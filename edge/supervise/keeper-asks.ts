// What the keeper was asked and has not answered: told to the next one when it dies or is replaced meanwhile, so that
// whoever asked need not ask again. A purge that is put into force twice does nothing the second time.
import type { PurgeRule } from '../cache/purges/rule.js'
import { EdgeError } from '../error.js'
import type { FromKeeper, ToKeeper } from '../keep/messages.js'

export type KeeperAnswer = Extract<FromKeeper, { type: 'purged' | 'counted' | 'refused' }>
type Question = Extract<ToKeeper, { type: 'purge' }>

interface Ask {
  question: Question
  resolve(answer: KeeperAnswer): void
  reject(error: EdgeError): void
  timer: NodeJS.Timeout
}

/** Questions that wait at once. */
const asksMax = 1_000

export class KeeperAsks {
  readonly #asks = new Map<number, Ask>()
  #lastId = 0

  /** `send`: to the keeper that is there, if one is. Rejects with an EdgeError: 503, or what the keeper refuses with. */
  ask(
    rules: readonly PurgeRule[],
    isDryRun: boolean,
    timeoutMs: number,
    send: ((question: Question) => void) | undefined,
  ): Promise<KeeperAnswer> {
    if (this.#asks.size >= asksMax) return Promise.reject(noAnswer('keeper-busy', 'too many purges wait'))
    const id = ++this.#lastId
    const question: Question = { type: 'purge', id, rules, isDryRun }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const message = `the keeper of the cache did not answer within ${timeoutMs} ms: it may yet obey`
        this.#close(id)?.reject(noAnswer('keeper-timeout', message))
      }, timeoutMs)
      this.#asks.set(id, { question, resolve, reject, timer })
      send?.(question)
    })
  }

  /** A new keeper is there. */
  repeat(send: (question: Question) => void): void {
    for (const { question } of this.#asks.values()) send(question)
  }

  answered(answer: KeeperAnswer): void {
    const ask = this.#close(answer.id)
    if (answer.type !== 'refused') return ask?.resolve(answer)
    const { code, message, status } = answer
    ask?.reject(new EdgeError(code, message, { source: 'edge', status }))
  }

  /** There will be no other keeper. */
  giveUp(why: string): void {
    for (const id of [...this.#asks.keys()]) this.#close(id)?.reject(noAnswer('no-keeper', why))
  }

  #close(id: number): Ask | undefined {
    const ask = this.#asks.get(id)
    if (ask !== undefined) clearTimeout(ask.timer)
    this.#asks.delete(id)
    return ask
  }
}

export function noAnswer(code: string, message: string): EdgeError {
  return new EdgeError(code, message, { source: 'edge', status: 503 })
}
