// Answers whose head was made in this turn of the loop. Most bodies begin in the same turn, and to send both together
// saves a system call; no head waits longer than that.

export interface Opened {
  /** Its head goes out now, if it has not yet. */
  sendOpened(): void
}

let opened: Opened[] = []

export function sendSoon(answer: Opened): void {
  if (opened.push(answer) === 1) setImmediate(sendAll)
}

function sendAll(): void {
  const all = opened
  opened = []
  for (const answer of all) answer.sendOpened()
}
