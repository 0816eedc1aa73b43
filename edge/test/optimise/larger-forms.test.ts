import t from 'tap'
import type { ImageWork } from '../../optimise/image-request.js'
import type { Job } from '../../optimise/job.js'
import { LargerForms } from '../../optimise/larger-forms.js'

function workOf(width: number, more: Partial<ImageWork> = {}): ImageWork {
  return {
    kind: 'image',
    width,
    fit: 'inside',
    format: 'webp',
    isAuto: false,
    quality: 75,
    hints: [],
    effort: 'fast',
    ...more,
  }
}

function jobOf(work: ImageWork, storedKey = 'k', storedAtMs = 1): Job {
  const imageBounds = { bytesMax: 1, pixelsMax: 1, framesMax: 1 }
  return { storedKey, storedAtMs, askedAtMs: 1, site: 'a', work, hidden: [], imageBounds }
}

t.test('LargerForms finds the smallest that is twice as wide', async t => {
  const forms = new LargerForms()
  for (const width of [1_600, 400, 800]) forms.note(jobOf(workOf(width)), workOf(width), 'image/webp')
  for (const [width, name] of [
    [100, 'w400.inside.q75.webp'],
    [200, 'w400.inside.q75.webp'],
    [201, 'w800.inside.q75.webp'],
    [801, undefined],
  ] as const)
    t.equal(forms.find(jobOf(workOf(width)), workOf(width)), name, `${width}`)
  t.equal(forms.find(jobOf(workOf(100), 'other'), workOf(100)), undefined)
  t.equal(forms.find(jobOf(workOf(100), 'k', 2), workOf(100)), undefined, 'of what was stored later')
})

t.test('LargerForms leaves out what shows only a part, and AVIF', async t => {
  const forms = new LargerForms()
  for (const more of [{ height: 900 }, { fit: 'cover' as const }, { width: undefined }])
    forms.note(jobOf(workOf(900, more)), workOf(900, more), 'image/webp')
  forms.note(jobOf(workOf(900)), workOf(900), 'image/avif')
  t.equal(forms.find(jobOf(workOf(100)), workOf(100)), undefined)
  forms.note(jobOf(workOf(900)), workOf(900), 'image/jpeg')
  t.equal(forms.find(jobOf(workOf(100, { height: 9 })), workOf(100, { height: 9 })), undefined)
  t.ok(forms.find(jobOf(workOf(100)), workOf(100)))
})

t.test('LargerForms forgets what is many', async t => {
  const forms = new LargerForms()
  for (let at = 0; at < 1_001; at += 1) forms.note(jobOf(workOf(900), `${at}`), workOf(900), 'image/webp')
  t.equal(forms.find(jobOf(workOf(100), '0'), workOf(100)), undefined)
  t.ok(forms.find(jobOf(workOf(100), '1000'), workOf(100)))
  for (let at = 0; at < 20; at += 1) forms.note(jobOf(workOf(900 + at), 'x'), workOf(900 + at), 'image/webp')
  t.equal(forms.find(jobOf(workOf(450), 'x'), workOf(450)), 'w904.inside.q75.webp')
})
