// The certificates of a listener, as files name them: read, held against their keys, and told what is wrong with them.
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { CertificateConfig } from '../../config/settings.js'

export interface KeyPair {
  /** PEM, with all that was in the file. */
  readonly certificates: string
  /** PEM. */
  readonly key: string
  /** Lower case; `*.` stands for one label. */
  readonly names: readonly string[]
  /** Wall clock, milliseconds. */
  readonly validFromMs: number
  readonly validToMs: number
}

/** TLS 1.2 with forward secrecy and authenticated encryption only; those of 1.3 are all so. */
export const cipherList = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':')

/** Throws an Error whose message begins with the file it is about. */
export function readKeyPair({ certFile, keyFile, names }: CertificateConfig): KeyPair {
  const certificates = readText(certFile)
  const own = within(certFile, 'holds no certificate that can be read, expected PEM', () => {
    return new X509Certificate(certificates)
  })
  const key = readText(keyFile)
  const privateKey = within(
    keyFile,
    'holds no private key that can be read, expected PEM without passphrase',
    () => createPrivateKey(key),
  )
  if (!own.checkPrivateKey(privateKey)) throw new Error(`${keyFile}: is not the key of ${certFile}`)
  for (const name of names) {
    if (!isFor(own, name))
      throw new Error(`${certFile}: is not for ${name}, only for ${namesOf(own).join(', ')}`)
  }
  const validFromMs = Date.parse(own.validFrom)
  const validToMs = Date.parse(own.validTo)
  return { certificates, key, names: names.length > 0 ? names : namesOf(own), validFromMs, validToMs }
}

/** Why clients will refuse it at `nowMs`, wall clock; undefined when they have no reason. */
export function whyNotValid({ validFromMs, validToMs }: KeyPair, nowMs: number): string | undefined {
  if (nowMs >= validToMs) return `expired at ${new Date(validToMs).toISOString()}`
  return nowMs < validFromMs ? `is not valid before ${new Date(validFromMs).toISOString()}` : undefined
}

/** The DNS names that it says itself (RFC 6125 6.4.4 leaves the subject out when there are any). */
function namesOf(certificate: X509Certificate): string[] {
  const said = certificate.subjectAltName?.match(/(?<=(?:^|, )DNS:)[^,"]+/g) ?? []
  if (said.length > 0) return said.map(name => name.toLowerCase())
  const [, common] = /^CN=(.+)$/m.exec(certificate.subject) ?? []
  return common === undefined ? [] : [common.toLowerCase()]
}

/** RFC 6125 6.4.3: a wildcard stands for one label, so one name below it shows whether all are covered. */
function isFor(certificate: X509Certificate, name: string): boolean {
  if (!name.startsWith('*.')) return certificate.checkHost(name) !== undefined
  return namesOf(certificate).includes(name)
}

function within<Value>(file: string, complaint: string, read: () => Value): Value {
  try {
    return read()
  } catch (cause) {
    throw new Error(`${file}: ${complaint}`, { cause })
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new Error(`${file}: cannot be read: ${(error as Error).message}`, { cause: error })
  }
}
