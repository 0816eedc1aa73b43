import t from 'tap'
import { type FormName, forms } from '../forms.js'

const cases: Record<FormName, { holds: string[]; fails: string[] }> = {
  address: {
    holds: ['127.0.0.1', '0.0.0.0', '::', '::1', '2001:db8::1'],
    fails: ['', 'localhost', '[::1]', '127.0.0.1:80', '1.2.3', '1.2.3.4.5', '127.0.0.1/8', ' ::1'],
  },
  cacheName: {
    holds: ['naij', 'n', 'Naij-1', 'a.b', `a${'b'.repeat(63)}`],
    fails: ['', '1naij', 'na ij', 'naij;', 'näij', 'naij\r\nX: y', 'a,b', `a${'b'.repeat(64)}`],
  },
  host: {
    holds: [
      '*',
      'shop.example',
      '*.shop.example',
      'localhost',
      'a_b.c',
      '127.0.0.1',
      '[::1]',
      'xn--bcher-kva.example',
    ],
    fails: [
      '',
      '**',
      '*.',
      '*shop.example',
      'a.*.b',
      '*.*.b',
      '*.[::1]',
      'Shop.example',
      'shop.example.',
      'shop.example:80',
      'shop..example',
      '.shop.example',
      '-a.example',
      'a-.example',
      'bücher.example',
      'a b',
      'a/b',
      'shop.example\n',
      '[::1',
      '[::G]',
      '[::A]',
      '[fe80::1%eth0]',
      '::1',
      `${'a'.repeat(64)}.example`,
      `${'a.'.repeat(127)}a`,
    ],
  },
  hostAndPort: {
    holds: ['shop.example', 'shop.example:8080', '[::1]:80', '[::1]', '127.0.0.1:65535'],
    fails: ['', ':80', 'a:', 'a:0', 'a:65536', 'a:b', 'a:1:2', '*', '*.a', 'a\r\n', 'A:80', '::1'],
  },
  origin: {
    holds: [
      'http://127.0.0.1:9000',
      'https://a.example',
      'http://a/',
      'HTTP://A',
      'http://[::1]:80',
      'http://a.b.',
      'http://a_b',
    ],
    fails: [
      '',
      'a',
      'ftp://x',
      'http:a',
      'http:/a',
      'http://',
      'http:///',
      'http://a/b',
      'http://a//',
      'http://a?b',
      'http://a#b',
      'http://u@a',
      'http://u:p@a',
      'http://a:0',
      'http://a:65536',
      'http://a:b',
      'http://a b',
      ' http://a',
      'http://a\n',
      'http:\\\\a',
      'http://*',
      'http://%00',
      'http://[::1',
      '//a',
      `http://${'a'.repeat(2048)}`,
    ],
  },
  path: {
    holds: ['/', './var', 'var/cache', 'a b', '/tmp/ä', 'x'.repeat(4095)],
    fails: ['', 'a\0b', 'x'.repeat(4096), 'ä'.repeat(2048)],
  },
  pathPattern: {
    holds: [
      '/',
      '*',
      '/assets/*',
      '*.js',
      '/a/*/b*.css',
      '/%C3%A9',
      "/~a!$&'()*+,;=:@[]-._",
      `/${'x'.repeat(255)}`,
    ],
    fails: ['', 'assets/*', '.js', '/a?b', '/a#b', '/a b', '/ä', '/a\n', '/\u0000', `/${'x'.repeat(256)}`],
  },
  siteName: {
    holds: ['shop', '*', '*.shop.example', 'a_b-c.1', 'x'.repeat(255)],
    fails: ['', 'Shop', 'a b', 'a/b', 'ä', 'shop\n', 'x'.repeat(256)],
  },
  targetField: {
    holds: ['cdn-cache-control', 'naij-cache-control', 'a-b-cache-control'],
    fails: [
      '',
      'cache-control',
      '-cache-control',
      'CDN-Cache-Control',
      'cdn-cache-control ',
      'surrogate-control',
    ],
  },
  typePattern: {
    holds: ['*', 'text/html', 'image/*', '*/*', 'application/*+json', 'application/vnd.ms-fontobject'],
    fails: ['', 'image', '**', 'Image/*', 'text/html; charset=utf-8', 'a/b/c', '/a', 'a/', 'a/b\n', 'ä/b'],
  },
}

for (const [name, { holds, fails }] of Object.entries(cases)) {
  const form = forms[name as FormName]
  t.test(`forms.${name} holds for its form and nothing else`, async t => {
    for (const text of holds) t.equal(form.holds(text), true, JSON.stringify(text).slice(0, 60))
    for (const text of fails) t.equal(form.holds(text), false, JSON.stringify(text).slice(0, 60))
  })
}
