/** What saves less than a twentieth is not worth a client's work. */
export function isShorter(bytes: number, than: number): boolean {
  return bytes < than * 0.95
}
