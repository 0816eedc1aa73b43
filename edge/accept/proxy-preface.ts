// What a connection to Node's own server says first when it is made for somebody else: the header of the PROXY protocol, read
// from the socket before TLS or HTTP is.
import type { Socket } from 'node:net'
import { readProxyHeader } from './proxy-header.js'

/** `address`: undefined when it named nobody. `refused`: what came is no whole header; `left`: nothing came. */
export type Preface = { kind: 'known'; address: string | undefined } | { kind: 'refused' } | { kind: 'left' }

/** Gives `use` what came within `headMs`, once; the bytes behind the header are put back, and the socket is paused. */
export function readPreface(socket: Socket, headMs: number, use: (preface: Preface) => void): void {
  let bytes = Buffer.alloc(0)
  const settle = (preface: Preface): void => {
    clearTimeout(timer)
    socket.off('data', take).off('end', leave).off('close', leave).off('error', leave)
    use(preface)
  }
  const goOn = (length: number, address: string | undefined): void => {
    socket.pause()
    if (bytes.length > length) socket.unshift(bytes.subarray(length))
    settle({ kind: 'known', address })
  }
  const take = (chunk: Buffer): void => {
    bytes = Buffer.concat([bytes, chunk])
    const header = readProxyHeader(bytes)
    if (header.kind === 'complete') goOn(header.length, header.address)
    else if (header.kind === 'absent') goOn(0, undefined)
    else if (header.kind === 'malformed') settle({ kind: 'refused' })
  }
  const leave = (): void => settle({ kind: bytes.length > 0 ? 'refused' : 'left' })
  const timer = setTimeout(() => settle({ kind: 'refused' }), headMs)
  socket.on('data', take).once('end', leave).once('close', leave).once('error', leave)
}
