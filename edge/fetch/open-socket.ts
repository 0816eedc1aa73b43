// Opens one connection to an origin: where it goes, by which name TLS verifies it, and how its bytes are read. What they
// are is connection.ts's.
import { connect as connectTcp, type Socket, type TcpNetConnectOpts } from 'node:net'
import { connect as connectTls, TLSSocket, type ConnectionOptions as TlsOptions } from 'node:tls'
import type { Addresses } from './resolve.js'

export interface Endpoint {
  isTls: boolean
  host: string
  port: number
  connectMs: number
  /** For SNI, and what the certificate must name; undefined: it must name the address. */
  tlsName: string | undefined
  /** PEM; undefined for the well-known authorities. */
  ca: string | undefined
  /** Of `host`, when that is a name. */
  addresses: Addresses | undefined
}

/** What is read goes through one buffer for all connections: it is taken out before the next read. */
const readBuffer = Buffer.allocUnsafeSlow(131_072)

/** `read` gets views that are valid during the call only. */
export function openSocket(endpoint: Endpoint, read: (bytes: Buffer) => void): Socket {
  const { host, port, isTls, connectMs, tlsName, ca, addresses } = endpoint
  const options: TcpNetConnectOpts = {
    host,
    port,
    noDelay: true,
    ...(addresses && { lookup: addresses.lookup }),
    // RFC 8305: the next address of a name is tried while the first is silent.
    autoSelectFamilyAttemptTimeout: Math.max(10, Math.ceil(connectMs / 4)),
    onread: {
      buffer: readBuffer,
      callback: bytesRead => {
        read(readBuffer.subarray(0, bytesRead))
        // False would pause it.
        return true
      },
    },
  }
  if (!isTls) return connectTcp(options)
  const tls: TlsOptions = { ...options, ALPNProtocols: ['http/1.1'], ...(ca !== undefined && { ca }) }
  return connectTls(tlsName === undefined ? tls : { ...tls, servername: tlsName })
}

/**
 * The file descriptor of a connected socket without TLS; -1 where there is none to write to. It is the socket's own, and
 * gone when that is destroyed.
 */
export function descriptorOf(socket: Socket): number {
  if (socket instanceof TLSSocket) return -1
  const { _handle: handle } = socket as Socket & { _handle?: { fd?: number } | null }
  return handle?.fd ?? -1
}
