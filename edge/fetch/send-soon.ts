// Requests of this turn of the loop: they go out together at its end, which wakes an origin near by once for all.

interface Sender {
  send(): void
}

let unsent: Sender[] = []

export function sendSoon(sender: Sender): void {
  if (unsent.push(sender) === 1) setImmediate(sendAll)
}

function sendAll(): void {
  const all = unsent
  unsent = []
  for (const sender of all) sender.send()
}
