// Where the sites come from when they are not in the file: the settings of the edge's connection to control.
import { count, optional, optionalGroup, text, time } from './leaf.js'

export const control = optionalGroup(
  {
    url: text(
      'controlUrl',
      'Where control is: `unix:` and a path, or `https://`; `http://` on this machine only.',
    ),
    tokenFile: text('path', 'A file with the token (scope `edges:sync`) by which the edge asks.'),
    name: optional(text('edgeName', 'What people call this edge; absent means the name of the host.')),
    caFile: optional(
      text(
        'path',
        'Authorities (PEM) by which the certificate of control is verified, in place of the known ones.',
      ),
    ),
    silenceMs: time(
      '15s',
      ['1s', '10m'],
      'Control that says nothing for so long, or does not answer, is taken for gone, and asked anew.',
    ),
    reconnectDelayMaxMs: time(
      '10s',
      ['100ms', '10m'],
      'The longest pause before control is asked again; pauses double, and each is shortened at random.',
    ),
    healthMs: time('10s', ['1s', '10m'], 'How often the edge tells how it is.'),
    usageMs: time('10s', ['100ms', '1h'], 'How often the edge tells what its sites have used.'),
    receiptsMax: count(
      10_000,
      [100, 1_000_000],
      'Receipts of purges that wait for control; above it the oldest go.',
    ),
  },
  'The daemon that the sites and purges come from; instead of `sites`, not beside it.',
)
