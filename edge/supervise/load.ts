// Reads and validates the configuration file, for the start, --check and each reload alike.
import { X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { formatProblems, parseConfig } from '../../config/parse.js'
import type { EdgeConfig } from '../../config/settings.js'

export type Loaded = { ok: true; config: EdgeConfig } | { ok: false; problems: string[] }

/** A larger file is not a configuration. */
export const fileBytesMax = 64 * 1024 * 1024

/** Never throws: a file that cannot be read is a problem like any other. `quiet` turns the access log off. */
export function loadConfig(file: string, quiet: boolean): Loaded {
  const text = read(file)
  if (text instanceof Error) return { ok: false, problems: [`${file}: cannot be read: ${text.message}`] }
  const parsed = parseConfig(text)
  if (!parsed.ok) return { ok: false, problems: formatProblems(parsed.problems).trimEnd().split('\n') }
  const { config } = parsed
  const unread = unreadFiles(config)
  if (unread.length > 0) return { ok: false, problems: unread }
  return { ok: true, config: quiet ? { ...config, log: { ...config.log, access: 'off' } } : config }
}

/** What the configuration names and workers will read. */
function unreadFiles({ sites }: EdgeConfig): string[] {
  return sites.flatMap(({ originTls: { caFile } }, at) => {
    const reason = caFile === undefined ? undefined : whyNoAuthorities(caFile)
    return reason === undefined ? [] : [`sites[${at}].originTls.caFile: ${caFile}: ${reason}`]
  })
}

function whyNoAuthorities(file: string): string | undefined {
  const text = read(file)
  if (text instanceof Error) return `cannot be read: ${text.message}`
  const certificates = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  try {
    for (const certificate of certificates) new X509Certificate(certificate)
  } catch (error) {
    return `holds a certificate that cannot be read: ${(error as Error).message}`
  }
  return certificates.length > 0 ? undefined : 'holds no certificate, expected PEM'
}

function read(file: string): string | Error {
  try {
    const found = statSync(file)
    const { size } = found
    // A pipe may never end, and a reload has to find it again.
    if (!found.isFile()) return new Error('it is not a regular file')
    if (size > fileBytesMax) return new Error(`${size} bytes, expected at most ${fileBytesMax}`)
    return readFileSync(file, 'utf8')
  } catch (error) {
    return error as Error
  }
}
