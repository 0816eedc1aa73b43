// The part of the settings table that says what a site wants of plain HTTP and of HTTPS.
import { choice, count, flag, group, time } from './leaf.js'

export const https = group(
  {
    redirect: choice(
      ['off', '301', '302', '307', '308'],
      'off',
      'The status with which requests over plain HTTP are sent to https, but for those below `/.well-known/acme-challenge/`.',
    ),
    port: count(443, [1, 65_535], 'The port they are sent to.'),
    hstsMs: time(
      '0ms',
      ['0ms', '3650d'],
      'How long browsers shall use nothing but https (Strict-Transport-Security); 0 says nothing, and leaves what the origin says.',
    ),
    hstsSubdomains: flag(false, 'Whether that holds for all names below too.'),
    hstsPreload: flag(false, 'Whether browsers may know it before the first visit.'),
  },
  'Plain HTTP and https.',
)
