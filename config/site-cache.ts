// The part of the settings table that says what is stored of a site, for how long and under which key: `sites[].cache`.
// What a rule or a preset then means for one answer is edge/cache/policy.ts.
import {
  bytes,
  choice,
  count,
  flag,
  group,
  listOrNone,
  optional,
  query,
  statuses,
  text,
  time,
} from './leaf.js'

/** What an operator may call a kind of content; the times behind each word are in edge/cache/policy.ts. */
export const presetWords = ['fingerprinted', 'images', 'fonts', 'html', 'api', 'never', 'origin'] as const

const rule = group(
  {
    path: optional(
      text('pathPattern', 'The paths it is for, without query, case-sensitive; absent means all.'),
    ),
    type: optional(
      text('typePattern', 'The content types it is for, without parameters; absent means all, and none.'),
    ),
    status: optional(
      statuses(
        16,
        'The statuses it is for; absent means all, but errors then keep their own lifetime or get at most `negativeMaxMs`.',
      ),
    ),
    preset: optional(
      choice(
        presetWords,
        undefined,
        'Times for a kind of content; `never` is not stored, `origin` is what the origin says, against later rules.',
      ),
    ),
    ttlMs: optional(
      time(undefined, ['0ms', '3650d'], 'How long it is fresh, whatever the origin says; before `preset`.'),
    ),
    staleWhileRevalidateMs: optional(
      time(undefined, ['0ms', '365d'], 'How long after that it may be served while it is asked for anew.'),
    ),
    staleIfErrorMs: optional(
      time(undefined, ['0ms', '365d'], 'How long after that it may be served when the origin fails.'),
    ),
  },
  'One rule.',
)

export const siteCache = group(
  {
    storeSetCookie: flag(
      false,
      'Store responses with Set-Cookie even without public, s-maxage or a targeted field.',
    ),
    allowUnknownTransferCoding: flag(
      false,
      'Read answers in a transfer coding that we do not know to the end of the connection, and pass them on without the field; else they are 502.',
    ),
    honourClientDirectives: flag(
      false,
      'Obey Cache-Control and Pragma of requests (RFC 9111 5.2.1); else reloads are answered from the store, and only `only-if-cached` counts.',
    ),
    heuristic: flag(
      true,
      'Give responses with Last-Modified but no lifetime a tenth of their age (RFC 9111 4.2.2).',
    ),
    heuristicMaxMs: time('24h', ['0ms', '365d'], 'The longest such lifetime.'),
    negativeMaxMs: time(
      '10s',
      ['0ms', '365d'],
      'The longest lifetime of a 4xx or 5xx answer that neither the origin nor a rule with `status` gives.',
    ),
    staleMaxMs: time(
      '24h',
      ['0ms', '365d'],
      'How long past its freshness a response may be served when the origin cannot be reached or breaks off; 0 is never.',
    ),
    refreshFailMs: time(
      '5s',
      ['0ms', '1h'],
      'How long what is stored is served stale without asking the origin, after a refresh behind it failed, or five requests for it in a row.',
    ),
    preset: choice(
      ['origin', 'smart'],
      'origin',
      'Without explicit freshness and rule: as the origin says, or times by content type and fingerprint in the path.',
    ),
    rules: listOrNone(
      rule,
      { byDefault: [], itemsMax: 256 },
      'Forced times; for each time the first rule that matches and gives it decides, so rules with `status` come first.',
    ),
    collapse: flag(true, 'Ask the origin once for all who want the same absent response at the same time.'),
    collapseWaitMs: time(
      '10s',
      ['0ms', '1h'],
      'The longest time that a request waits for the head of the answer that another has asked for; then it asks itself.',
    ),
    followersMax: count(10_000, [0, 1_000_000], 'Requests that wait for one answer; others ask themselves.'),
    unsharedMs: time(
      '10s',
      ['0ms', '1h'],
      'How long a key whose answer could not be shared is asked for by everybody at once.',
    ),
    query: query(
      'What of the query is in the key and sent to the origin; a name may end in `*` for all that follow.',
    ),
    dropFields: listOrNone(
      text('fieldName', 'A request field.'),
      {
        byDefault: [
          'x-original-url',
          'x-rewrite-url',
          'x-http-destinationurl',
          'x-host',
          'x-original-host',
          'x-http-host-override',
          'x-http-method',
          'x-http-method-override',
          'x-method-override',
        ],
        itemsMax: 64,
      },
      'Request fields that the origin does not get with GET and HEAD, unless they join the key: one that obeys them would answer a client with something else than its URL names, and all others after it.',
    ),
    keyFields: listOrNone(
      text('keyField', 'A request field.'),
      { byDefault: [], itemsMax: 16 },
      'Request fields whose values join the key, as if every response named them in Vary; each value is stored apart.',
    ),
    variantsMax: count(16, [1, 1000], 'Variants kept per URL (Vary); the oldest leave first.'),
    purgeUnknown: choice(
      ['serve', 'revalidate'],
      'serve',
      'What is done with what is stored when the edge starts and control does not say what was purged meanwhile: it is served, or validated first.',
    ),
    targets: listOrNone(
      text('targetField', 'A field for caches like this one.'),
      { byDefault: ['cdn-cache-control'], itemsMax: 8 },
      'Targeted fields (RFC 9213), the first that counts rules over Cache-Control; an empty list is none.',
    ),
    surrogateControl: flag(false, 'Obey Surrogate-Control (max-age, no-store) as a targeted field.'),
    stripTargeted: flag(false, 'Remove targeted fields from what clients get.'),
    keepTags: flag(false, 'Leave Cache-Tag, Surrogate-Key and xkey in what clients get.'),
    bytesMax: optional(
      bytes(
        undefined,
        ['1MiB', '64TiB'],
        'Bytes of the cache that the site may take, about: above it nothing more of it is stored; absent means as much as there is.',
      ),
    ),
    bytesMin: bytes(
      '0B',
      ['0B', '64TiB'],
      'Bytes of the cache that the site keeps before others: while it has less, what leaves with the oldest segment is kept for it first.',
    ),
    admitAfter: count(
      2,
      [1, 255],
      'Once the cache is full, how often a URL has to be asked for, lately, until its answer is stored; 1 stores everything at once.',
    ),
    slices: flag(
      true,
      'Fetch what is asked for by Range in blocks of `cache.sliceBytes` and keep those; off, a part of what is not stored is passed on as it is asked for.',
    ),
    rangesMax: count(
      10,
      [1, 100],
      'Ranges of one request that are answered as parts; above it the whole is sent.',
    ),
  },
  'What is stored of the site, and for how long.',
)
