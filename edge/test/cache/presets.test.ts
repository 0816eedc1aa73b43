import t from 'tap'
import { hasFingerprint, presetTimes, smartPreset } from '../../cache/presets.js'

t.test('smartPreset() knows a word by type, and by a fingerprint only for assets', async t => {
  const cases: [path: string, type: string | undefined, word: string | undefined][] = [
    ['/', 'text/html', 'html'],
    ['/page', 'application/xhtml+xml', 'html'],
    ['/api/v1', 'application/json', 'api'],
    ['/api/v1', 'application/problem+json', 'api'],
    ['/a.png', 'image/png', 'images'],
    ['/a.svg', 'image/svg+xml', 'images'],
    ['/a.woff2', 'font/woff2', 'fonts'],
    ['/a.eot', 'application/vnd.ms-fontobject', 'fonts'],
    ['/app.js', 'text/javascript', 'html'],
    ['/app.css', 'text/css', 'html'],
    ['/app.3f2a1b9c.js', 'application/javascript', 'fingerprinted'],
    ['/logo-3f2a1b9c.png', 'image/png', 'fingerprinted'],
    ['/inter.3f2a1b9c.woff2', 'font/woff2', 'fingerprinted'],
    ['/app.3f2a1b9c.js', 'text/html', 'html'],
    ['/app.3f2a1b9c.json', 'application/json', 'api'],
    ['/report.3f2a1b9c.pdf', 'application/pdf', undefined],
    ['/', 'text/plain', undefined],
    ['/', 'imagex/png', undefined],
    ['/', undefined, undefined],
  ]
  for (const [path, type, word] of cases) t.equal(smartPreset(path, type), word, `${path} ${type}`)
})

t.test('hasFingerprint() finds a hash between name and suffix, and takes no id for one', async t => {
  const finds = [
    '/app.3f2a1b9c.js',
    '/static/js/main.3f2a1b9c.chunk.js',
    '/app-3f2a1b9c.min.css',
    '/app_3F2A1B9C0D.js',
    '/_next/static/chunks/main-0a1b2c3d4e5f6789.js',
    '/assets/application-908e25f4bf641868d8683022a5b62f54.css',
    `/a.${'0a'.repeat(32)}.js`,
  ]
  const misses = [
    '',
    '/',
    '/app.js',
    '/3f2a1b9c.js',
    '/app-3f2a1b9c',
    '/3f2a1b9c/app.js',
    '/app.3f2a1b9.js',
    '/report-20240101.pdf',
    '/app.deadbeef.js',
    '/app.3f2A1b9c.js',
    '/app.3f2a1b9g.js',
    '/user-507f1f77bcf86cd799439011.jpg',
    '/avatar-550e8400-e29b-41d4-a716-44665544abcd.png',
    '/550e8400-e29b-41d4-a716-44665544abcd.png',
    `/a.${'0a'.repeat(33)}.js`,
  ]
  for (const path of finds) t.equal(hasFingerprint(path), true, path)
  for (const path of misses) t.equal(hasFingerprint(path), false, path)
})

t.test('presetTimes are ordered as what they stand for', async t => {
  const { api, html, images, fonts, fingerprinted } = presetTimes
  const lifetimes = [api, html, images, fonts, fingerprinted].map(({ ttlMs }) => ttlMs)
  t.strictSame(
    lifetimes,
    lifetimes.toSorted((a, b) => a - b),
  )
  t.equal(fingerprinted.ttlMs, 365 * 86_400_000)
})
