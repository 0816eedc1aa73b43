// Certificates and keys as files, for listeners of tests.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import type { Test } from 'tap'
import { certificate, key, otherCertificate, otherKey } from '../fetch/support/certificate.js'

/** `certificates` of a listener: of localhost first, then of other.example and what is below it. */
export function keyPairs(t: Test): { certFile: string; keyFile: string }[] {
  const directory = mkdtempSync(`${tmpdir()}/naij-keys-`)
  t.teardown(() => rmSync(directory, { recursive: true }))
  return [
    [certificate, key],
    [otherCertificate, otherKey],
  ].map(([ofCertificate, ofKey], at) => {
    const pair = { certFile: `${directory}/${at}.crt`, keyFile: `${directory}/${at}.key` }
    writeFileSync(pair.certFile, ofCertificate!)
    writeFileSync(pair.keyFile, ofKey!)
    return pair
  })
}
