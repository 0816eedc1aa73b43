// What a table asks of a value, as Ajv compiles it: at once, or as the source of a module for the bundled programs, where
// compiling was a sixth of the time until the first answer of a start (.ci/bundle.mjs).
import { _, Ajv, type CodeOptions, type ErrorObject } from 'ajv'
import standalone from 'ajv/dist/standalone/index.js'
import { forms } from './forms.js'
import type { Setting } from './leaf.js'
import { isQueryPolicy } from './query-policy.js'

/** Whether a value fits; what does not is in `errors` until the next one is looked at. */
export interface Matches {
  (filled: unknown): boolean
  errors?: ErrorObject[] | null | undefined
}

const options = {
  allErrors: true,
  strict: true,
  // A union of a word and an integer carries its range beside it.
  strictTypes: false,
  // The words are ours (check.ts), and that a table is a schema is what a test finds out.
  ...{ messages: false, meta: false, validateSchema: false },
} as const

/** For what is looked at a few times in a life, which needs no better code. */
export function compile(table: Setting): Matches {
  return ajvWith({ optimize: false }).compile(table)
}

/** The text of a module of this directory that exports `matches`. */
export function sourceOf(table: Setting): string {
  const ajv = ajvWith({ source: true, esm: true, formats: _`formats` })
  return [
    "import { forms } from './forms.js'",
    "import { isQueryPolicy } from './query-policy.js'",
    'const formats = Object.fromEntries(Object.entries(forms).map(([name, { holds }]) => [name, holds]))',
    standalone.default(ajv, ajv.compile(table)),
    'export { validate as matches }',
  ].join('\n')
}

function ajvWith(code: CodeOptions): Ajv {
  const ajv = new Ajv({ ...options, code })
  ajv.addVocabulary(['unit', 'why', 'derived', 'shorthand', 'singleItem', 'mayBeAbsent'])
  ajv.addKeyword({
    keyword: 'isQueryPolicy',
    code(context) {
      const { gen, data } = context
      const judge = gen.scopeValue('func', { ref: isQueryPolicy, code: _`isQueryPolicy` })
      context.pass(_`${judge}(${data})`)
    },
  })
  for (const [name, { holds }] of Object.entries(forms)) ajv.addFormat(name, holds)
  return ajv
}
