// Node's own servers, set up for the internet: strict, bounded, TLS by name; HTTP/1 and, over TLS, HTTP/2 on one port.
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2'
import { createSecureContext, type SecureContext } from 'node:tls'
import type { CertificateConfig } from '../../config/settings.js'
import { cipherList, type KeyPair, readKeyPair } from './certificates.js'

export type NodeServer = Server | Http2SecureServer
export type AnyRequest = IncomingMessage | Http2ServerRequest
export type AnyResponse = ServerResponse | Http2ServerResponse

export interface NodeServerOptions {
  certificates: readonly CertificateConfig[]
  /** 48 bytes: servers with the same ones resume each other's sessions. */
  ticketKeys: Buffer | undefined
  headBytesMax: number
  /** `listen[].headMs`, `idleMs`, `streamsMax`. */
  headMs: number
  idleMs: number
  streamsMax: number
  onRequest: (request: AnyRequest, response: AnyResponse) => void
}

const secureCiphers = `TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:${cipherList}`

/** Throws when a certificate cannot be used. */
export function makeNodeServer(options: NodeServerOptions): NodeServer {
  const { certificates, headBytesMax, headMs, idleMs, onRequest } = options
  const shared = {
    maxHeaderSize: headBytesMax,
    insecureHTTPParser: false,
    requireHostHeader: true,
    headersTimeout: headMs,
    keepAliveTimeout: idleMs,
    // How often the two are looked at.
    connectionsCheckingInterval: Math.min(1_000, headMs / 2),
    // Bodies have limits of their own.
    requestTimeout: 0,
  }
  const server =
    certificates.length === 0
      ? createServer(shared)
      : createSecureServer({ ...shared, ...secureOptions(options), ...http2Options(options) })
  // Beyond it Node would leave fields out without a word; the size of the head is what bounds them.
  if ('maxHeadersCount' in server) server.maxHeadersCount = 0
  const listener = onRequest as RequestListener
  for (const event of ['request', 'checkContinue', 'checkExpectation']) server.on(event, listener)
  return server
}

function http2Options({ headBytesMax, headMs, streamsMax }: NodeServerOptions) {
  return {
    allowHTTP1: true,
    handshakeTimeout: headMs,
    settings: { maxConcurrentStreams: streamsMax, maxHeaderListSize: headBytesMax, enablePush: false },
    unknownProtocolTimeout: headMs,
  }
}

function secureOptions({ certificates, ticketKeys }: NodeServerOptions) {
  const pairs = certificates.map(readKeyPair)
  const find = contextTable(pairs)
  const [first] = pairs
  return {
    cert: first!.certificates,
    key: first!.key,
    ciphers: secureCiphers,
    minVersion: 'TLSv1.2' as const,
    honorCipherOrder: true,
    ...(ticketKeys && { ticketKeys }),
    SNICallback: (name: string, use: (error: Error | null, context?: SecureContext) => void) => {
      use(null, find(name.toLowerCase()))
    },
  }
}

/** Exact names, then wildcards, then the first certificate (undefined). */
function contextTable(pairs: readonly KeyPair[]): (name: string) => SecureContext | undefined {
  const contexts = new Map<string, SecureContext>()
  for (const { certificates: cert, key, names } of pairs) {
    const context = createSecureContext({ cert, key, ciphers: secureCiphers, minVersion: 'TLSv1.2' })
    for (const name of names) if (!contexts.has(name)) contexts.set(name, context)
  }
  return name => contexts.get(name) ?? contexts.get(name.replace(/^[^.]+/, '*'))
}
