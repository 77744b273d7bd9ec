import { describe, expect, test } from 'vitest'
import { isPrivateAddress, namesOwnNetwork } from '../../src/notices/private-address.ts'

describe('an address', () => {
  test.each([
    ...['127.0.0.1', '127.255.255.254', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1', '169.254.169.254'],
    ...['100.64.0.1', '0.0.0.0', '224.0.0.1', '255.255.255.255', '192.0.2.1', '198.18.0.1'],
    ...['::', '::1', 'fe80::1', 'fe80::1%eth0', 'fc00::1', 'fd12:3456::1', 'ff02::1', '2001:db8::1', '2002:7f00:1::'],
    ...['::ffff:127.0.0.1', '::ffff:10.0.0.1', '::ffff:7f00:1', '64:ff9b::7f00:1', '64:ff9b::10.0.0.1', '64:ff9b::1'],
    ...['::127.0.0.1', '::a00:1', '64:ff9b:1::1', '100::1', 'no address', ''],
  ])('%s is private', (address) => {
    expect(isPrivateAddress(address)).toBe(true)
  })

  test.each([
    ...[
      '1.1.1.1',
      '93.184.216.34',
      '172.15.255.255',
      '172.32.0.1',
      '192.167.0.1',
      '100.63.0.1',
      '100.128.0.1',
      '223.0.0.1',
    ],
    ...['2606:4700::1111', '2a00:1450:4001::1', '::ffff:1.1.1.1', '64:ff9b::1.1.1.1'],
  ])('%s is public', (address) => {
    expect(isPrivateAddress(address)).toBe(false)
  })
})

describe('a URL', () => {
  test.each([
    ...['http://localhost/', 'http://receiver:8080/', 'http://nas.local/', 'https://hooks.lan', 'http://x.home.arpa./'],
    ...[
      'http://127.0.0.1/',
      'http://2130706433/',
      'http://0x7f.1/',
      'http://[::1]/',
      'http://[fd00::1]:80/',
      'http://10.0.0.1',
    ],
  ])('%s names the own network', (url) => {
    expect(namesOwnNetwork(new URL(url))).toBe(true)
  })

  test.each(['https://example.org/', 'https://localhost.example.org/', 'http://1.1.1.1/', 'http://[2606:4700::1]/'])(
    '%s names a host of the public internet',
    (url) => {
      expect(namesOwnNetwork(new URL(url))).toBe(false)
    },
  )
})
