// What a site wants of plain HTTP and of HTTPS: clients sent from the one to the other, and told to stay there
// (RFC 6797).
import type { SiteConfig } from '../../config/settings.js'
import type { Exchange } from '../exchange.js'
import type { Refusal } from '../respond/refuse.js'

export interface HttpsRules {
  /** Undefined: plain HTTP is served like HTTPS. */
  readonly redirect: { readonly status: number; readonly port: string } | undefined
  /** Behind the last line of each head over HTTPS; '' when nothing is said. */
  readonly lines: string
}

/** Authorities look there, over plain HTTP, before there is a certificate (RFC 8555 8.3). */
const challenges = '/.well-known/acme-challenge/'

export function httpsRules({ https }: Pick<SiteConfig, 'https'>): HttpsRules {
  const { redirect, port, hstsMs, hstsSubdomains, hstsPreload } = https
  return {
    redirect:
      redirect === 'off' ? undefined : { status: Number(redirect), port: port === 443 ? '' : `:${port}` },
    lines:
      hstsMs === 0
        ? ''
        : `\r\nStrict-Transport-Security: max-age=${Math.floor(hstsMs / 1000)}${
            hstsSubdomains ? '; includeSubDomains' : ''
          }${hstsPreload ? '; preload' : ''}`,
  }
}

/** Where a request over plain HTTP is sent; undefined when it may go on. Says over HTTPS what is to be said there. */
export function judgeScheme(x: Exchange): Refusal | undefined {
  const { redirect, lines } = x.site!.https
  if (x.scheme === 'https') {
    // RFC 6797 7.2: never over plain HTTP.
    if (lines !== '') x.responder.moreLines = lines
    return undefined
  }
  if (redirect === undefined || x.target.startsWith(challenges)) return undefined
  const { status, port } = redirect
  const line = `Location: https://${x.host}${port}${x.target === '*' ? '/' : x.target}`
  return { code: 'to-https', status, message: 'This is served over https.', close: false, lines: [line] }
}
