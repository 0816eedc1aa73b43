// The reference page: every setting of the table as Markdown. Run as a program it prints the page
// (`node dist/config/reference.js > config/REFERENCE.md`); a test holds the file to it.
import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expected, quantityText } from './expectation.js'
import type { Setting } from './leaf.js'
import { edgeSettings } from './settings.js'
import { cell, code, markdownTable } from './table.js'

const introduction = `# Settings of the edge

Generated from \`config/settings.ts\` by \`node dist/config/reference.js > config/REFERENCE.md\`; do not edit.

One JSON file. Sizes are bytes or a text such as \`"10GiB"\`, \`"64KiB"\`, \`"1MB"\`; times are milliseconds or a text such
as \`"500ms"\`, \`"30s"\`, \`"10m"\`, \`"24h"\`. A key that is not in this table is an error. \`[]\` stands for each item of a list.
`

const columns = ['Setting', 'What it is for', 'Unit', 'Default', 'Min', 'Max'] as const

/** The whole page, with a final newline. */
export function referencePage(): string {
  const rows = rowsOf(edgeSettings, '')
  return `${introduction}\n${markdownTable(columns, rows)}\n`
}

function rowsOf(group: Setting, path: string): string[][] {
  return Object.entries(group.properties ?? {}).flatMap(([key, setting]) => {
    const memberPath = path === '' ? key : `${path}.${key}`
    const isRequired = group.required?.includes(key) ?? false
    if (setting.items) return listRows(setting, setting.items, memberPath, isRequired)
    if (setting.properties) return rowsOf(setting, memberPath)
    return [row(setting, memberPath, isRequired)]
  })
}

function listRows(setting: Setting, item: Setting, path: string, isRequired: boolean): string[][] {
  const itemRows = item.properties ? rowsOf(item, `${path}[]`) : [row(item, `${path}[]`, true)]
  const [least, most] = [String(setting.minItems), String(setting.maxItems)]
  const unit = setting.singleItem ? 'list, or one item' : 'list'
  const byDefault = defaultText(setting, isRequired)
  return [[code(path), cell(setting.why), unit, byDefault, least, most], ...itemRows]
}

function row(setting: Setting, path: string, isRequired: boolean): string[] {
  return [
    code(path),
    cell(setting.why),
    unitText(setting),
    defaultText(setting, isRequired),
    boundText(setting, setting.minimum),
    boundText(setting, setting.maximum),
  ]
}

function unitText(setting: Setting): string {
  switch (setting.unit) {
    case 'text':
    case 'choice':
    case 'switch':
    case 'status':
    case 'query':
      // As code: two stars in plain text would be emphasis.
      return cell(expected(setting)).replace(/"[^"]*"/g, '`$&`')
    default:
      return `${setting.unit}${setting.anyOf ? ' or `"auto"`' : ''}`
  }
}

function defaultText(setting: Setting, isRequired: boolean): string {
  if (setting.derived !== undefined) return cell(setting.derived)
  if (setting.default !== undefined) return code(quantityText(setting, setting.default))
  return isRequired ? 'required' : 'absent'
}

function boundText(setting: Setting, bound: number | undefined): string {
  return bound === undefined ? '' : quantityText(setting, bound)
}

const program = process.argv[1]
if (program?.match(/reference\.[jt]s$/) && realpathSync(program) === fileURLToPath(import.meta.url)) {
  process.stdout.write(referencePage())
}
