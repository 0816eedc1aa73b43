// What is known of the origins as metrics: pure.
import { counter, gauge, type Sample } from './prometheus.js'
import type { OriginStatus } from './status.js'

export function originFamilies(origins: readonly OriginStatus[]): string[] {
  const each = (value: (origin: OriginStatus) => number): Sample[] =>
    origins.map(origin => [{ site: origin.site, origin: origin.url }, value(origin)])
  return [
    gauge(
      'origin_good',
      '1 while the origin is asked.',
      each(({ state }) => Number(isAsked(state))),
    ),
    counter(
      'origin_tries_total',
      'Requests sent to the origin.',
      each(({ requests }) => requests),
    ),
    counter(
      'origin_failures_total',
      'Those that failed.',
      each(({ failures }) => failures),
    ),
    counter(
      'origin_retries_total',
      'Those that another try had failed before.',
      each(({ retries }) => retries),
    ),
    gauge(
      'origin_requests_active',
      'Requests on their way or waiting.',
      each(({ active }) => active),
    ),
    gauge(
      'origin_connections',
      'Connections to the origin.',
      each(({ connections }) => connections),
    ),
    gauge(
      'origin_web_sockets',
      'WebSockets that are open to the origin.',
      each(({ webSockets }) => webSockets),
    ),
  ]
}

function isAsked(state: OriginStatus['state']): boolean {
  return state === 'good' || state === 'returning'
}
