// Teaches through the engine, and asks whether what was taught is given.
import type { Client, ReplayApp } from './replay-app.js'

export const asking = (target: string, more = '') => `GET ${target} HTTP/1.1\r\nHost: h\r\n${more}\r\n`

/** Learns it under this target, whatever is known of that; returns its id. */
export async function teach(
  stage: ReplayApp,
  client: Client,
  bytes: string,
  lesson: ReplayApp['lesson'] = {},
) {
  stage.memory.turn(false)
  stage.lesson = lesson
  await client.tell(bytes)
  stage.lesson = undefined
  stage.memory.turn(true)
  return stage.heard.at(-1)!.id
}

export async function isGiven({ given }: ReplayApp, client: Client, bytes: string): Promise<boolean> {
  given()
  const text = await client.tell(bytes)
  return /(?:taught|other)$/.test(text) && given() === 1
}
