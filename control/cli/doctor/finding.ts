// What a check says, and how it is printed. Pure; finding it is the neighbours', each for its group.
import { cellText } from '../output.js'

/** `note`: nothing to do, or nothing that can be known; `warn`: costs something; `bad`: fails, or will. */
export type Level = 'ok' | 'note' | 'warn' | 'bad'

export interface Finding {
  /** Group and name, such as `kernel.somaxconn`. */
  readonly check: string
  readonly level: Level
  readonly found: string
  /** Why it matters. */
  readonly why: string
  /** The command or setting; null when there is nothing to change. */
  readonly change: string | null
}

export interface About {
  ok(found: string): Finding
  note(found: string, change?: string): Finding
  warn(found: string, change: string): Finding
  bad(found: string, change: string): Finding
}

/** All that one check may say. */
export function about(check: string, why: string): About {
  const say =
    (level: Level) =>
    (found: string, change: string | null = null): Finding => ({ check, level, found, why, change })
  return { ok: say('ok'), note: say('note'), warn: say('warn'), bad: say('bad') }
}

/** Whether something is to be changed. */
export function isTrouble({ level }: Finding): boolean {
  return level === 'warn' || level === 'bad'
}

/** A line each, by group in the order in which they come; the last line counts. */
export function findingsText(findings: readonly Finding[]): string {
  const groups = new Map<string, Finding[]>()
  for (const finding of findings) {
    const group = finding.check.split('.', 1)[0]!
    groups.set(group, [...(groups.get(group) ?? []), finding])
  }
  const width = Math.max(...findings.map(finding => nameOf(finding).length))
  const parts = [...groups].map(([group, members]) => {
    const lines = members.map(member => `  ${lineOf(member, width)}\n`)
    return `${group}\n${lines.join('')}`
  })
  return `${parts.join('\n')}\n${countText(findings)}\n`
}

function nameOf({ check }: Finding): string {
  return check.slice(check.indexOf('.') + 1)
}

function lineOf(finding: Finding, width: number): string {
  const { level, found, why, change } = finding
  const reason = level === 'ok' ? '' : ` | ${why}`
  const text = `${found}${reason}${change === null ? '' : ` | ${change}`}`
  return `${level.padEnd(4)}  ${nameOf(finding).padEnd(width)}  ${cellText(text)}`
}

function countText(findings: readonly Finding[]): string {
  const levels: Level[] = ['ok', 'note', 'warn', 'bad']
  return levels
    .map(level => `${findings.filter(finding => finding.level === level).length} ${level}`)
    .join(', ')
}
