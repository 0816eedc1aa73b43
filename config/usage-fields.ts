// What is counted of a site and an hour, in the order in which edges say it and control keeps it: a new one goes to the end.

export const usageFields = [
  'requests',
  'bytesIn',
  'bytesOut',
  'bytesSaved',
  'aborted',
  'status1xx',
  'status2xx',
  'status3xx',
  'status4xx',
  'status5xx',
  'hit',
  'stale',
  'miss',
  'collapsed',
  'expired',
  'revalidated',
  'pass',
  'refused',
  'error',
] as const
export type UsageField = (typeof usageFields)[number]
