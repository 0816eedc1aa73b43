// A file system of a few bytes for who tests what happens when it is full. Only root may mount one: elsewhere those
// tests are skipped.
import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

/** Why not, for `t.test`'s options, or false. */
export const withoutSmallDisks = canMount()

function canMount(): string | false {
  const directory = mkdtempSync(join(tmpdir(), 'naij-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', directory], { stdio: 'pipe' })
    execFileSync('umount', [directory])
    return false
  } catch (error) {
    return `no file system can be mounted here: ${(error as Error).message}`
  } finally {
    rmSync(directory, { recursive: true })
  }
}

/** The path of a file system of its own; gone at the end of the test, whoever still uses it. */
export function smallDisk(t: Test, bytes: number): string {
  const directory = mkdtempSync(join(tmpdir(), 'naij-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=0755`, 'tmpfs', directory])
  t.teardown(() => {
    execFileSync('umount', ['--lazy', directory])
    rmSync(directory, { recursive: true })
  })
  return directory
}

/** Leaves no byte of it free. */
export function fillDisk(directory: string): void {
  const ballast = join(directory, 'ballast')
  writeFileSync(ballast, '')
  const { bsize } = statfsSync(directory)
  const block = Buffer.alloc(bsize)
  while (statfsSync(directory).bfree > 0) appendFileSync(ballast, block)
}

export function easeDisk(directory: string): void {
  rmSync(join(directory, 'ballast'))
}
