// How long workers may take to come, to leave, and to say nothing.
import { time } from './leaf.js'

export const workerTimes = {
  drainTimeoutMs: time('30s', ['0ms', '1h'], 'How long a stopping worker may finish what is in progress.'),
  drainQuietMs: time('1s', ['0ms', '10m'], 'How long a stopping worker keeps idle connections.'),
  respawnDelayMaxMs: time(
    '10s',
    ['0ms', '10m'],
    'The longest pause before a worker that keeps dying is replaced.',
  ),
  workerSilentMs: time(
    '30s',
    ['1s', '1h'],
    'A worker that does not answer the supervisor for so long is killed and replaced.',
  ),
  workerReadyMs: time('20s', ['100ms', '10m'], 'A worker that is not ready by then is killed and replaced.'),
}
