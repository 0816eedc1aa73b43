// The request body's way from uWebSockets.js into an upload: bytes in, and the engine's pause and resume.
import type { HttpResponse } from 'uWebSockets.js'
import type { Upload, UploadSource } from '../accept/upload.js'

/** The engine's timer runs for some 10 s; it is started anew at most this often, since that is two system calls. */
const rearmEveryMs = 1_000

export class Intake implements UploadSource {
  readonly #response: HttpResponse
  readonly #upload: Upload
  readonly #isUsable: () => boolean
  #isPaused = false
  #armedAtMs = Number.NEGATIVE_INFINITY

  /** Within the accepting call. `isUsable` says whether `response` may still be touched. */
  constructor(response: HttpResponse, upload: Upload, isUsable: () => boolean) {
    this.#response = response
    this.#upload = upload
    this.#isUsable = isUsable
    response.onData((chunk, isLast) => this.#take(chunk, isLast))
  }

  pause(): void {
    if (this.#isPaused || !this.#isUsable()) return
    this.#isPaused = true
    this.#response.pause()
  }

  resume(): void {
    if (!this.#isPaused || !this.#isUsable()) return
    this.#isPaused = false
    this.#response.resume()
  }

  /** The answer ended or the client is gone: no more will come. */
  lose(): void {
    this.#upload.lose()
  }

  #take(chunk: ArrayBuffer, isLast: boolean): void {
    this.#upload.receive(chunk, isLast)
    if (isLast || this.#isPaused || !this.#isUsable()) return
    const nowMs = performance.now()
    if (nowMs - this.#armedAtMs < rearmEveryMs) return
    this.#armedAtMs = nowMs
    // Starts the engine's timer anew; without it a slow upload is cut after some 11 s.
    this.#response.pause()
    this.#response.resume()
  }
}
