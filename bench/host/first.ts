// A client that shares its cores with what it measures waits for its turn, too, and that is not the server's time. Real-time
// scheduling (sched(7)) takes it out: whoever asks a few times in a millisecond never waits.
import { spawnSync } from 'node:child_process'

/**
 * The main thread of this process goes before all others of the machine, but not what it starts. Returns what ends that;
 * undefined where it is not allowed (CAP_SYS_NICE), or `chrt` of util-linux is not there.
 */
export function goFirst(): (() => void) | undefined {
  if (!changeTo('--reset-on-fork', '--rr', '--pid', '1')) return undefined
  return () => void changeTo('--other', '--pid', '0')
}

function changeTo(...policy: string[]): boolean {
  return spawnSync('chrt', [...policy, String(process.pid)], { stdio: 'ignore' }).status === 0
}
