// Whether clients can accept the certificates of the listeners: for how long, for which names, with what leads to an authority.
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { rootCertificates } from 'node:tls'
import type { CertificateConfig, EdgeConfig } from '../../../config/settings.js'
import { about, type Finding } from './finding.js'

export interface CertificateRead {
  /** Such as `listen[0].tls.certificates[1]`. */
  readonly place: string
  readonly files: CertificateConfig
  readonly certificates: string | Error
  readonly key: string | Error
}

const dayMs = 86_400_000
const daysWarn = 21
const daysBad = 3
const why = 'clients refuse what does not hold, and the edge does not start with what it cannot read'
const reload = 'then kill -HUP the edge'

/** `resolve`: of the paths of the configuration. */
export function readCertificates(
  { listen }: Pick<EdgeConfig, 'listen'>,
  resolve: (path: string) => string,
): CertificateRead[] {
  return listen.flatMap(({ tls }, at) =>
    tls.certificates.map((files, index) => ({
      place: `listen[${at}].tls.certificates[${index}]`,
      files,
      certificates: read(resolve(files.certFile)),
      key: read(resolve(files.keyFile)),
    })),
  )
}

function read(path: string): string | Error {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    return error as Error
  }
}

/** One finding if it cannot be used at all; else one for its time, its names, its chain. */
export function judgeCertificate(given: CertificateRead, nowMs: number): Finding[] {
  const { place, files } = given
  const say = about(`certificates.${place}`, why)
  const chain = chainOf(given)
  if (typeof chain === 'string')
    return [say.bad(`${files.certFile}: ${chain}`, `another certFile; ${reload}`)]
  const reason = whyNotKey(given, chain[0]!)
  if (reason !== undefined) return [say.bad(`${files.keyFile}: ${reason}`, `another keyFile; ${reload}`)]
  return [judgeTime(given, chain[0]!, nowMs), ...judgeNames(given, chain[0]!), judgeChain(given, chain)]
}

/** All that are in the file, or what is wrong with it. */
function chainOf({ certificates }: CertificateRead): X509Certificate[] | string {
  if (certificates instanceof Error) return `cannot be read: ${certificates.message}`
  const texts = certificates.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  if (texts.length === 0) return 'holds no certificate, expected PEM'
  try {
    return texts.map(text => new X509Certificate(text))
  } catch (error) {
    return `holds a certificate that cannot be read: ${(error as Error).message}`
  }
}

function whyNotKey({ key, files }: CertificateRead, own: X509Certificate): string | undefined {
  if (key instanceof Error) return `cannot be read: ${key.message}`
  try {
    return own.checkPrivateKey(createPrivateKey(key)) ? undefined : `is not the key of ${files.certFile}`
  } catch {
    return 'holds no private key that can be read, expected PEM without passphrase'
  }
}

function judgeTime({ place, files }: CertificateRead, own: X509Certificate, nowMs: number): Finding {
  const say = about(`certificates.${place}.time`, why)
  const [fromMs, toMs] = [Date.parse(own.validFrom), Date.parse(own.validTo)]
  const days = Math.floor((toMs - nowMs) / dayMs)
  const change = `renew ${files.certFile}, ${reload}`
  const until = new Date(toMs).toISOString()
  if (nowMs < fromMs)
    return say.bad(`${files.certFile}: not valid before ${new Date(fromMs).toISOString()}`, change)
  if (nowMs >= toMs) return say.bad(`${files.certFile}: expired at ${until}`, change)
  const found = `${files.certFile}: ${days} days left, until ${until}`
  if (days < daysBad) return say.bad(found, change)
  return days < daysWarn ? say.warn(found, change) : say.ok(found)
}

function judgeNames({ place, files }: CertificateRead, own: X509Certificate): Finding[] {
  if (files.names.length === 0) return []
  const say = about(`certificates.${place}.names`, why)
  const missing = files.names.filter(name => !isFor(own, name))
  if (missing.length === 0) return [say.ok(`for all of ${files.names.join(', ')}`)]
  const found = `${files.certFile}: is not for ${missing.join(', ')}, only for ${own.subjectAltName ?? own.subject}`
  return [say.bad(found, `a certificate for them, or without them in ${place}.names`)]
}

/** RFC 6125 6.4.3: a wildcard stands for one label, so only the same wildcard covers it. */
function isFor(own: X509Certificate, name: string): boolean {
  if (!name.startsWith('*.')) return own.checkHost(name) !== undefined
  const names = own.subjectAltName?.match(/(?<=(?:^|, )DNS:)[^,"]+/g) ?? []
  return names.some(each => each.toLowerCase() === name.toLowerCase())
}

function judgeChain({ place, files }: CertificateRead, chain: readonly X509Certificate[]): Finding {
  const say = about(
    `certificates.${place}.chain`,
    'clients go from each certificate to the next, up to an authority that they know',
  )
  const order = `${files.certFile}: the certificate first, then each one that has signed the one before`
  for (const [at, certificate] of chain.slice(0, -1).entries()) {
    if (certificate.checkIssued(chain[at + 1]!)) continue
    const found = `certificate ${at + 2} of ${files.certFile} has not signed certificate ${at + 1}`
    return say.bad(found, order)
  }
  const last = chain.at(-1)!
  const count = `${chain.length} in order, up to an authority`
  if (last.checkIssued(last)) {
    return chain.length === 1
      ? say.note(`${files.certFile}: has signed itself, only clients that know it accept it`)
      : say.ok(count)
  }
  if (isOfRoot(last)) return say.ok(count)
  const found = `${files.certFile}: leads to ${oneLine(last.issuer)}, no authority that is known here`
  return say.note(found, `unless clients know that one: ${order}`)
}

let roots: X509Certificate[] | undefined

function isOfRoot(certificate: X509Certificate): boolean {
  roots ??= rootCertificates.map(text => new X509Certificate(text))
  return roots.some(root => certificate.checkIssued(root))
}

function oneLine(name: string): string {
  return name.replaceAll('\n', ', ')
}
