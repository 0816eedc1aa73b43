// The responder of a request that no client waits for: a refresh behind a stale answer. It takes everything and says
// nothing.
import type { Head, Responder, ResponderState } from './responder.js'

export class SilentResponder implements Responder {
  readonly state: ResponderState = 'ended'
  readonly bodyBytesOut = 0
  readonly headBytesOut = 0
  onEnd: ((completed: boolean) => void) | undefined = undefined
  onDrain: (() => void) | undefined = undefined
  closeAfter = false
  moreLines = ''

  send(_head: Head, _body: Uint8Array): void {}
  sendHead(_head: Head, _contentLength: number | undefined): void {}
  open(_head: Head, _contentLength: number | undefined): void {}
  write(_chunk: Uint8Array): boolean {
    return true
  }
  offer(chunk: Uint8Array): number {
    return chunk.length
  }
  end(): void {}
  abort(): void {}
  hold(): void {}
  pause(): void {}
  resume(): void {}
  receive(): void {}
  fieldBytes(_lowerCaseName: string): string {
    return ''
  }
  clientAddress(): string {
    return ''
  }
}
