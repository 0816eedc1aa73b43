import t from 'tap'
import { type EnvelopeInput, Envelopes } from '../../fetch/envelope.js'
import { type ForwardInput, requestToOrigin } from '../../http/forward.js'

const input: EnvelopeInput = {
  scheme: 'https',
  originalHost: 'a.example',
  cdnId: 'naij',
  forwardedFor: 'replace',
}

/** What stands behind Host when the client said nothing else. */
function linesOf(given: EnvelopeInput, clientAddress: string): string {
  const asked: ForwardInput = {
    ...given,
    fields: [],
    method: 'GET',
    host: 'origin.example',
    clientAddress,
    conditions: [],
    dropConditions: true,
    dropRange: true,
  }
  const [, , ...fields] = requestToOrigin(asked)
  return fields.map((text, at) => (at % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join('')
}

t.test('an envelope around the address is what an origin gets of any request', async t => {
  const hosts = ['a.example', 'b.example:8080', '[::1]', 'xn--e1a.example', 'a'.repeat(250), '']
  for (const forwardedFor of ['replace', 'append'] as const) {
    for (const cdnId of ['naij', 'other']) {
      const envelopes = new Envelopes()
      for (const scheme of ['http', 'https', 'http']) {
        for (const originalHost of [...hosts, ...hosts]) {
          const given = { scheme, originalHost, cdnId, forwardedFor }
          const { before, after } = envelopes.around(given)!
          for (const address of ['192.0.2.1', '2001:db8::1', 'fe80::1%eth0', ''])
            t.equal(before + address + after, linesOf(given, address), JSON.stringify(given))
        }
      }
    }
  }
})

t.test('it is worked out once for a host, and known for no more than some hundreds', async t => {
  const envelopes = new Envelopes()
  const around = (originalHost: string) => envelopes.around({ ...input, originalHost })
  const first = around('a.example')
  around('b.example')
  t.equal(around('a.example'), first)
  t.not(envelopes.around({ ...input, scheme: 'http' }), first, 'another scheme')
  for (let number = 0; number < 200; number += 1) around(`${number}.example`)
  t.equal(around('a.example'), first)
  for (let number = 0; number < 300; number += 1) around(`${number}.example`)
  t.not(around('a.example'), first, 'it is forgotten')
  t.strictSame(around('a.example'), first, 'and made again')
})

t.test('what would be no lines of one head has none, however often it is asked for', async t => {
  const envelopes = new Envelopes()
  const hosts = ['a\r\nX: y', 'a\n', '\r', 'a\0', '\0', '\0\0', 'a\x7f', 'a\x01b']
  for (const originalHost of hosts) {
    for (const turn of [1, 2]) t.equal(envelopes.around({ ...input, originalHost }), undefined, `${turn}`)
    t.ok(envelopes.around(input))
    t.equal(envelopes.around({ ...input, originalHost }), undefined)
  }
  t.equal(new Envelopes().around({ ...input, scheme: 'http\r\n' }), undefined)
})
