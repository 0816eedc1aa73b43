// Headers of the PROXY protocol.

const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')

/** Addresses and ports: from 198.51.100.7 port 1000. */
export const four = Buffer.from([198, 51, 100, 7, 10, 0, 0, 1, 3, 232, 0, 80])

/** From 2001:db8::7 port 1000. */
export const six = Buffer.from(
  '20010db8000000000000000000000007' + '00000000000000000000000000000001' + '03e80050',
  'hex',
)

/** Of version 2. */
export function binaryHeader(versionAndCommand: number, family: number, addresses: Buffer): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(addresses.length)
  return Buffer.concat([signature, Buffer.from([versionAndCommand, family]), length, addresses])
}
