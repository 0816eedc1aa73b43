// Whether an address is one of those that a setting names, alone or as networks.
import { BlockList, isIPv6 } from 'node:net'

/** Undefined when none is named. `networks`: `address` or `address/bits`. */
export function networkTest(networks: readonly string[]): ((address: string) => boolean) | undefined {
  if (networks.length === 0) return undefined
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return address => address !== '' && list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}
