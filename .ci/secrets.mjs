// What looks like a secret in a text: keys and tokens whose form is known. A line that holds one on purpose, for a test,
// says so in a comment, on it or on the line above: `secret: allowed`.

const marker = /\bsecret: allowed\b/
const kinds = [
  { what: 'a private key', form: /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----/ },
  { what: 'an access token of NaijCloud', form: /\bnce_[0-9a-f]{16}_[\w-]{43}(?![\w-])/ },
  { what: 'an access key of AWS', form: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/ },
  { what: 'a secret key of AWS', form: /aws_?secret_?(?:access_?)?key\W{1,5}[A-Za-z0-9/+]{40}(?![\w/+])/i },
  { what: 'a token of GitHub', form: /\bgh[oprsu]_[A-Za-z0-9]{36,}|\bgithub_pat_\w{22,}/ },
  { what: 'a token of GitLab', form: /\bglpat-[\w-]{20,}/ },
  { what: 'a token of npm', form: /\bnpm_[A-Za-z0-9]{36}\b/ },
  {
    what: 'a token of Slack',
    form: /\bxox[abeoprs]-[A-Za-z0-9-]{10,}|hooks\.slack\.com\/services\/T\w+\/B\w+\/\w+/,
  },
  { what: 'an API key of Google', form: /\bAIza[\w-]{35}/ },
  { what: 'a live key of Stripe', form: /\b[rs]k_live_[A-Za-z0-9]{20,}/ },
]

/** One text for each line with a secret, `LINE: WHY`; none for what is no text. */
export function secretsIn(text) {
  if (text.includes('\0')) return []
  const lines = text.split('\n')
  return lines.flatMap((line, at) => {
    const kind = kinds.find(({ form }) => form.test(line))
    if (kind === undefined || marker.test(line) || marker.test(lines[at - 1] ?? '')) return []
    return [
      `${at + 1}: looks like ${kind.what}; for a test, say \`secret: allowed\` in a comment there or above`,
    ]
  })
}
