import t from 'tap'
import { escapeHtml } from '../escape.js'

t.test('escapeHtml() leaves nothing that HTML would read', async t => {
  t.equal(escapeHtml(`<a b="c" d='e'>&`), '&#60;a b=&#34;c&#34; d=&#39;e&#39;&#62;&#38;')
})
