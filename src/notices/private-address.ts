import { BlockList, isIP } from 'node:net'

/** Ranges that are not on the public internet: IANA's special-purpose registries for IPv4 and IPv6. */
const special = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  special.addSubnet(network, prefix, 'ipv4')
for (const [network, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  special.addSubnet(network, prefix, 'ipv6')

/** All of today's public IPv6. */
const global6 = new BlockList()
global6.addSubnet('2000::', 3, 'ipv6')

/** IPv4 inside IPv6: mapped, and as networks with IPv6 alone translate it (NAT64). */
const embedded = /^(?:::ffff:|64:ff9b::)(?:([\da-f]{1,4}):)?([\da-f]{1,4})$/

/** Whether an IP address is none of the public internet. What is no IP address counts as private. */
export function isPrivateAddress(address: string): boolean {
  const version = isIP(address)
  if (version === 4) return special.check(address, 'ipv4')
  if (version !== 6 || address.includes('%')) return true
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1)
  const [, high, low] = embedded.exec(canonical) ?? []
  if (low !== undefined) {
    const [a, b] = [Number.parseInt(high ?? '0', 16), Number.parseInt(low, 16)]
    return special.check(`${a >> 8}.${a & 255}.${b >> 8}.${b & 255}`, 'ipv4')
  }
  return !global6.check(canonical, 'ipv6') || special.check(canonical, 'ipv6')
}

/** The IP address that a URL's host is, without brackets; undefined for a name. */
export function addressIn(url: URL): string | undefined {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return isIP(host) === 0 ? undefined : host
}

/**
 * Names that no public name server knows, so that whoever wrote one meant the own network: RFC 6761, 6762, 8375, and
 * single labels.
 */
const privateName = /^[^.]+$|\.(?:localhost|local|internal|lan|home\.arpa)$/

/** Whether a URL can only mean the own host or network. */
export function namesOwnNetwork(url: URL): boolean {
  const address = addressIn(url)
  return address === undefined ? privateName.test(url.hostname.replace(/\.$/, '')) : isPrivateAddress(address)
}
