import { expect, test } from 'vitest'
import { createLifeline, OptionsError } from '../../src/index.ts'
import { command } from '../../src/notices/command.ts'
import { desktop } from '../../src/notices/desktop.ts'
import { selfMessage } from '../../src/notices/self-message.ts'
import { webhook } from '../../src/notices/webhook.ts'

const url = 'https://example.org/hook-path'
const secret = 'sixteen bytes and'
/** Options as JavaScript may give them. */
const wrong = <T>(value: unknown): T => value as T

type Row = readonly [path: string, make: () => unknown, says: RegExp]
const rows: readonly Row[] = [
  ['webhook', () => webhook(wrong(undefined)), /undefined; allowed is an object/],
  ['webhook.uri', () => webhook(wrong({ uri: url, secret })), /There is no option webhook\.uri/],
  ['webhook.url', () => webhook(wrong({ secret })), /undefined; allowed is a URL/],
  ['webhook.url', () => webhook({ url: 'hook-path', secret }), /a text that is no URL/],
  ['webhook.url', () => webhook({ url: 'ftp://example.org/hook-path', secret }), /a URL that begins with ftp:/],
  ['webhook.secret', () => webhook(wrong({ url })), /undefined; allowed is a text of at least 16 bytes/],
  ['webhook.secret', () => webhook({ url, secret: 'too short' }), /a text of 9 bytes/],
  ['webhook.secret', () => webhook({ url, secret: 'whsec_dG9vIHNob3J0' }), /a text of 9 bytes/],
  ['webhook.secret', () => webhook({ url, secret: [] }), /an array of 0/],
  ['webhook.secret', () => webhook({ url, secret: wrong([secret, 7]) }), /is 7;/],
  ['webhook.name', () => webhook({ url, secret, name: '../creds' }), /1 to 60 letters/],
  ['webhook.name', () => webhook({ url, secret, name: wrong(7) }), /1 to 60 letters/],
  [
    'webhook.timeoutMs',
    () => webhook({ url, secret, timeoutMs: 0 }),
    /is 0; allowed is a whole number.* 100 to 120000/,
  ],
  ['webhook.timeoutMs', () => webhook({ url, secret, timeoutMs: Number.NaN }), /is NaN/],
  ['webhook.kinds', () => webhook({ url, secret, kinds: [] }), /one or more of outage, recovered/],
  ['webhook.kinds', () => webhook({ url, secret, kinds: wrong(['outage', 'x']) }), /something else/],
  ['webhook.headers', () => webhook({ url, secret, headers: wrong('x') }), /is a string; allowed is an object of/],
  [
    'webhook.headers',
    () => webhook({ url, secret, headers: { 'a b': 'c' } }),
    /with a name that is no header; allowed is an object of/,
  ],
  ['webhook.headers.x', () => webhook({ url, secret, headers: { x: 'a\r\nb: c' } }), /one line/],
  ['webhook.headers.Host', () => webhook({ url, secret, headers: { Host: 'x' } }), /left to webhook/],
  ['webhook.format', () => webhook({ url, secret, format: wrong('x') }), /a function/],
  ['webhook.allowPrivate', () => webhook({ url, secret, allowPrivate: wrong(1) }), /true or false/],
  ['command.argv', () => command(wrong([])), /an array of 0; allowed is an array with a program/],
  ['command.argv', () => command(wrong('mail root')), /is a string/],
  ['command.argv', () => command(wrong(['mail', 7])), /an array of 2/],
  ['command.argv', () => command(['mail\0']), /an array of 1/],
  ['command.timeoutMs', () => command(['mail'], { timeoutMs: 1.5 }), /is 1\.5/],
  ['command.shell', () => command(['mail'], wrong({ shell: true })), /There is no option command\.shell/],
  ['desktop.kinds', () => desktop({ kinds: wrong('outage') }), /is a string/],
  ['selfMessage.format', () => selfMessage({ format: wrong(7) }), /is 7; allowed is a function/],
  ['notify[1]', () => line([() => undefined, {}]), /is an object; allowed is a function, a channel/],
  ['notify', () => line('https://example.org'), /is a string/],
]
const line = (notify: unknown) =>
  createLifeline({ auth: '/nowhere', connect: wrong(() => undefined), notify: wrong(notify) })

test.each(rows)('a wrong %s is refused at once, in words that hold no secret (%#)', (path, make, says) => {
  let thrown: unknown
  try {
    make()
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(OptionsError)
  expect(thrown).toMatchObject({ path, message: expect.stringMatching(says) })
  for (const hidden of [secret, 'hook-path', 'too short', 'dG9vIHNob3J0']) expect(String(thrown)).not.toContain(hidden)
})

test('one channel alone needs no array', () => {
  expect(() => line(webhook({ url, secret }))).not.toThrow()
  expect(() => line(() => undefined)).not.toThrow()
})
