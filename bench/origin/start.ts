// Starts the origin as a child process. What it answers is in serve.ts.
import type { Processes, Running } from '../processes.js'
import { startReady } from '../ready.js'
import { siblingCommand } from '../sibling.js'

const READY_TIMEOUT_MS = 60_000

/** Resolves when it listens. */
export async function startOrigin(
  processes: Processes,
  core: number | undefined,
): Promise<{ url: string; running: Running }> {
  const command = siblingCommand(import.meta.url, 'main')
  const options = { core, ready: /^origin ready (\d+)$/, timeoutMs: READY_TIMEOUT_MS }
  const { running, match } = await startReady(processes, 'origin', command, options)
  return { url: `http://127.0.0.1:${match[1]}`, running }
}
