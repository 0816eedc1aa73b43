// promtool, which says what Prometheus would say. Debian has it in the package prometheus.
import { spawnSync } from 'node:child_process'

/** For tests that need it. */
export const needsPromtool = {
  skip: spawnSync('promtool', ['--version']).status === 0 ? false : 'no promtool is installed',
}

export function promtool(words: readonly string[], input = ''): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync('promtool', words, {
    encoding: 'utf8',
    input,
    timeout: 30_000,
  })
  return { status, said: stdout + stderr }
}
