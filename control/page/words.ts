// Numbers as people read them.
const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB']

export function bytesText(bytes: number): string {
  let [value, unit] = [bytes, 0]
  while (value >= 1000 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1]
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}

export function countText(count: number): string {
  return Math.round(count).toLocaleString('en')
}

export function percentText(part: number, whole: number): string {
  return whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)}%`
}

export function timeText(at: string | null | undefined): string {
  return at ? at.replace('T', ' ').replace(/\.\d+Z$/, '') : '–'
}
