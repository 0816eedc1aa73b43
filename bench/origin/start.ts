// Starts the origin as a child process. What it answers is in serve.ts.
import { fileURLToPath } from 'node:url'
import type { Processes, Running } from '../processes.js'
import { startReady } from '../ready.js'

const READY_TIMEOUT_MS = 60_000

/** Resolves when it listens; the process flags of this process are handed on, so that it also runs from source. */
export async function startOrigin(
  processes: Processes,
  core: number | undefined,
): Promise<{ url: string; running: Running }> {
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
  const main = fileURLToPath(new URL(`./main${extension}`, import.meta.url))
  const command = [process.execPath, ...process.execArgv, main]
  const options = { core, ready: /^origin ready (\d+)$/, timeoutMs: READY_TIMEOUT_MS }
  const { running, match } = await startReady(processes, 'origin', command, options)
  return { url: `http://127.0.0.1:${match[1]}`, running }
}
