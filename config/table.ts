// A table of Markdown, padded as the formatter wants it, so that formatting does not change a generated file.

/** Without a final newline. */
export function markdownTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((name, column) =>
    Math.max(name.length, ...rows.map(cells => cells[column]!.length)),
  )
  const rule = widths.map(width => '-'.repeat(width))
  return [columns, rule, ...rows].map(cells => tableLine(cells, widths)).join('\n')
}

function tableLine(cells: readonly string[], widths: readonly number[]): string {
  return `| ${cells.map((text, column) => text.padEnd(widths[column]!)).join(' | ')} |`
}

export function code(text: string): string {
  return `\`${cell(text)}\``
}

/** A bar would end the cell. */
export function cell(text = ''): string {
  return text.replaceAll('|', '\\|')
}
