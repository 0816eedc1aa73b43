// The objects of scenario `catalog`, the same for the origin that makes them and the load that asks for them.

export const OBJECTS = 200_000
export const OBJECT_BYTES = 4_096

export function catalogTarget(number: number): string {
  return `/catalog/${number}`
}
