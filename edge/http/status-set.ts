// Sets of statuses as the configuration writes them: numbers and classes such as `5xx`.

/** A function that tells whether a status is among `listed`. */
export function statusSet(listed: readonly (number | string)[]): (status: number) => boolean {
  const numbers = new Set(listed.filter(each => typeof each === 'number'))
  const classes = new Set(listed.filter(each => typeof each === 'string').map(each => Number(each[0])))
  return status => numbers.has(status) || classes.has(Math.floor(status / 100))
}
