import { randomBytes } from 'node:crypto'
import { type BinaryNode, extractE2ESessionFromRetryReceipt } from '@whiskeysockets/baileys'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { bundleIn } from '../../src/baileys/retry-bundle.ts'
import { numberOf } from '../share.ts'

const number = (value: number, length: number): Buffer => {
  const bytes = Buffer.alloc(length)
  bytes.writeUIntBE(value, 0, length)
  return bytes
}
const node = (tag: string, content: BinaryNode[] | Uint8Array): BinaryNode => ({ tag, attrs: {}, content })
const preKey = (tag: string, id: number, more: BinaryNode[] = []) =>
  node(tag, [node('id', number(id, 3)), node('value', randomBytes(32)), ...more])
const keys = (oneTime = true): BinaryNode =>
  node('keys', [
    node('type', Buffer.of(5)),
    node('identity', randomBytes(32)),
    preKey('skey', 7, [node('signature', randomBytes(64))]),
    ...(oneTime ? [preKey('key', 70_000)] : []),
  ])
const receipt = (...content: BinaryNode[]): BinaryNode => node('receipt', content)
const registration = node('registration', number(4_000_000_000, 4))

test.for([true, false])(
  'the keys in a question are those that Baileys 7 finds there; with a one-time key: %s',
  (oneTime) => {
    const asked = receipt(node('retry', []), registration, keys(oneTime))
    const found = bundleIn(asked)
    expect(found).toBeDefined()
    const { preKey: theirs, ...others } = extractE2ESessionFromRetryReceipt(asked) ?? {}
    expect(found).toEqual({ ...others, ...(theirs ? { preKey: theirs } : {}) })
  },
)

test('a question without keys has none', () => {
  expect(bundleIn(receipt(node('retry', []), registration))).toBeUndefined()
  expect(bundleIn(node('receipt', Buffer.of(1)))).toBeUndefined()
})

test('keys of another kind, or with one that cannot be used, are none', () => {
  const whole = () => keys().content as BinaryNode[]
  const [, identity, skey, key] = whole()
  const type = (...bytes: number[]) => node('type', Buffer.from(bytes))
  const found = (...parts: (BinaryNode | undefined)[]) => {
    const content = parts.filter((part) => part !== undefined)
    return bundleIn(receipt(registration, node('keys', content))) !== undefined
  }
  expect(found(type(5), identity, skey, key)).toBe(true)
  for (const kind of [type(6), type(5, 5), type()]) expect(found(kind, identity, skey, key)).toBe(false)
  const short = node('key', [node('id', number(1, 3)), node('value', randomBytes(31))])
  expect([found(type(5), identity, skey), found(type(5), identity, skey, short)]).toEqual([true, false])
})

/** A receipt in which one node somewhere is missing, or holds something else. */
const broken = fc
  .record({ at: fc.nat(), by: fc.constantFrom('gone', 'short', 'empty', 'text', 'renamed'), oneTime: fc.boolean() })
  .map(({ at, by, oneTime }) => {
    const whole = receipt(node('retry', []), registration, keys(oneTime))
    const nodes: { readonly holder: BinaryNode[]; readonly at: number }[] = []
    const walk = ({ content }: BinaryNode): void => {
      if (!Array.isArray(content)) return
      for (const [index, inner] of content.entries()) {
        nodes.push({ holder: content, at: index })
        walk(inner)
      }
    }
    walk(whole)
    const chosen = nodes[at % nodes.length]
    const one = chosen?.holder[chosen.at]
    if (!chosen || !one) return whole
    if (by === 'gone') chosen.holder.splice(chosen.at, 1)
    else if (by === 'renamed') one.tag = 'other'
    else if (by === 'empty') one.content = []
    else if (by === 'text') one.content = 'text'
    else if (one.content instanceof Uint8Array) one.content = one.content.subarray(1)
    return whole
  })

test('whatever is missing or wrong in it: what Baileys 7 would use is used, and nothing else, and nothing throws', () => {
  fc.assert(
    fc.property(broken, (asked) => {
      const ours = bundleIn(asked)
      const theirs = extractE2ESessionFromRetryReceipt(asked)
      if (theirs === null) expect(ours).toBeUndefined()
      else if (ours !== undefined) expect({ preKey: undefined, ...ours }).toEqual(theirs)
    }),
    { numRuns: numberOf(500, 100) },
  )
})
