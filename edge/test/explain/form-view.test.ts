import t from 'tap'
import { EntryFlag, encodeEntry, type ResponseEntry } from '../../cache/entry.js'
import {
  codingForm,
  draftOfForm,
  type Form,
  formKey,
  imageForm,
  refusingForm,
} from '../../optimise/derive.js'
import type { ImageWork } from '../../optimise/image-request.js'
import { explaining } from '../support/explained.js'

const play = 'url=http://play.example/'
const br = '&header=Accept-Encoding:%20br'
const told = { identity: 'naij', hidden: new Set<string>() }

t.test('explain() says in which form the client gets what is stored', async t => {
  const { edge, store, ask } = explaining(t, { optimise: { compressBytesMin: 0 } })
  await store(['Cache-Control', 'max-age=60', 'Content-Type', 'text/html'], { target: '/p' })
  const key = 'http play play.example/p'
  const put = (form: Form, content: string) => {
    const parent = edge.store.get(key) as ResponseEntry
    return edge.store.put(
      formKey(key, 'br'),
      encodeEntry(draftOfForm(parent, form, Buffer.from(content), told)),
    )
  }
  t.equal(ask(`${play}p`).form, null, 'as it came')
  t.strictSame(ask(`${play}p${br}`).form, { name: 'br', state: 'absent', status: null, bodyBytes: null })
  await put(codingForm('br'), 'b')
  const { form, why } = ask(`${play}p${br}`)
  t.strictSame(form, { name: 'br', state: 'stored', status: 200, bodyBytes: 1 })
  t.ok(why.includes('This client gets it as br, of 1 bytes.'))
  await put({ ...codingForm('br'), flags: EntryFlag.useless }, '')
  t.match(ask(`${play}p${br}`), { form: { state: 'useless' } })
  t.ok(ask(`${play}p${br}`).why.includes('As br it would not be shorter: it is served as it came.'))
})

t.test('explain() knows images by their query', async t => {
  const { edge, store, ask } = explaining(t, { optimise: { images: true } })
  await store(['Cache-Control', 'max-age=60', 'Content-Type', 'image/jpeg'], { target: '/a.jpg' })
  const key = 'http play play.example/a.jpg'
  const name = 'w10.inside.q78.auto-source'
  t.match(ask(`${play}a.jpg?w=10`), { key, form: { name, state: 'absent' } })
  const parent = edge.store.get(key) as ResponseEntry
  const work: ImageWork = {
    kind: 'image',
    width: 10,
    fit: 'inside',
    format: 'source',
    isAuto: true,
    quality: 78,
    hints: [],
    effort: 'fast',
  }
  const draft = draftOfForm(parent, refusingForm(imageForm(work), 422), Buffer.from('422'), told)
  await edge.store.put(formKey(key, name), encodeEntry(draft))
  const { form, why } = ask(`${play}a.jpg?w=10`)
  t.strictSame(form, { name, state: 'refused', status: 422, bodyBytes: 3 })
  t.ok(why.includes(`As ${name} it cannot be had: the answer is 422.`))
  t.match(ask(`${play}a.jpg?w=0`), { verdict: 'refused', refusal: { status: 400, code: 'image-request' } })
})
