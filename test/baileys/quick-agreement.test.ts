import { createRequire } from 'node:module'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { QuickAgreements } from '../../src/baileys/quick-agreement.ts'

interface Curve {
  calculateAgreement(publicKey: unknown, privateKey: unknown): Buffer
  generateKeyPair(): { readonly pubKey: Buffer; readonly privKey: Buffer }
}

const fromHere = createRequire(import.meta.url)
const ofBaileys = createRequire(fromHere.resolve('@whiskeysockets/baileys'))
const file = ofBaileys.resolve('libsignal/src/curve.js')

/** As it was written: lines of other tests in this process may use the one that all share. */
const pristine = (): Curve => {
  const { cache } = ofBaileys
  const shared = cache[file]
  delete cache[file]
  try {
    return ofBaileys(file) as Curve
  } finally {
    if (shared) cache[file] = shared
    else delete cache[file]
  }
}

const offs: (() => void)[] = []
/** Whose users are those of this test alone. */
let agreements: QuickAgreements
beforeEach(() => {
  agreements = new QuickAgreements()
})
afterEach(() => {
  for (const off of offs.splice(0).reverse()) off()
})

const quickened = () => {
  const off = agreements.use()
  offs.push(off)
  return off
}
/** Among the modules that this process has loaded. */
const loadedCopy = <C extends object>(exported: C, at = offs.length): C => {
  const path = `/node_modules/other-${at}/node_modules/libsignal/src/curve.js`
  ofBaileys.cache[path] = Object.assign(Object.create(null), { exports: exported })
  offs.push(() => delete ofBaileys.cache[path])
  return exported
}
const loaded = () => {
  const curve = loadedCopy(pristine())
  return { curve, own: curve.calculateAgreement }
}

/** What became of a call: its result, or the words of its error. */
const outcome = (call: () => Buffer): string => {
  try {
    return call().toString('hex')
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`
  }
}
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map(Buffer.from)

describe('agreements of libsignal that were made quicker', () => {
  test('come to the same as its own, for any two keys', () => {
    const { curve, own } = loaded()
    quickened()
    expect(curve.calculateAgreement).not.toBe(own)
    fc.assert(
      fc.property(bytes(32), bytes(32), (publicKey, privateKey) => {
        const typed = Buffer.concat([Buffer.of(5), publicKey])
        expect(outcome(() => curve.calculateAgreement(typed, privateKey))).toBe(outcome(() => own(typed, privateKey)))
      }),
      { numRuns: 50, examples: [[Buffer.alloc(32, 1), Buffer.alloc(32, 1)]] },
    )
  })

  test('are not asked of libsignal any more', () => {
    const { pubKey, privKey } = pristine().generateKeyPair()
    const { calculateAgreement } = pristine()
    const own = vi.fn(calculateAgreement)
    const curve = loadedCopy({ ...pristine(), calculateAgreement: own })
    quickened()
    own.mockClear()
    expect(curve.calculateAgreement(pubKey, privKey)).toEqual(calculateAgreement(pubKey, privKey))
    expect(own).not.toHaveBeenCalled()
  })

  test('give one secret to both sides', () => {
    const { curve } = loaded()
    quickened()
    const [one, other] = [curve.generateKeyPair(), curve.generateKeyPair()]
    const secret = curve.calculateAgreement(one.pubKey, other.privKey)
    expect(secret).toHaveLength(32)
    expect(curve.calculateAgreement(other.pubKey, one.privKey)).toEqual(secret)
  })

  test('refuse what libsignal refuses, in its words', () => {
    const { curve, own } = loaded()
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const { pubKey, privKey } = curve.generateKeyPair()
    const calls: (readonly [unknown, unknown])[] = [
      [pubKey.subarray(1), privKey],
      [pubKey.subarray(0, 32), privKey],
      [Buffer.concat([Buffer.of(6), pubKey.subarray(1)]), privKey],
      [pubKey, privKey.subarray(1)],
      [new Uint8Array(pubKey), privKey],
      [pubKey, new Uint8Array(privKey)],
      [pubKey, undefined],
    ]
    const before = calls.map(([one, other]) => outcome(() => own(one, other)))
    quickened()
    expect(calls.map(([one, other]) => outcome(() => curve.calculateAgreement(one, other)))).toEqual(before)
    expect(before.filter((what) => what.startsWith('Error: '))).toHaveLength(5)
    vi.restoreAllMocks()
  })
})

describe('making them quicker', () => {
  test('lasts to its last user, each of whom may end it twice', () => {
    const { curve, own } = loaded()
    const [first, second] = [quickened(), quickened()]
    first()
    first()
    expect(curve.calculateAgreement).not.toBe(own)
    second()
    expect(curve.calculateAgreement).toBe(own)
    quickened()
    expect(curve.calculateAgreement).not.toBe(own)
  })

  test('goes for a copy of libsignal that was loaded later, too', () => {
    quickened()
    const { curve, own } = loaded()
    const off = quickened()
    expect(curve.calculateAgreement).not.toBe(own)
    off()
    expect(curve.calculateAgreement, 'the first user is still there').not.toBe(own)
  })

  test.each<[string, object]>([
    ['comes to another result', { ...pristine(), calculateAgreement: () => Buffer.alloc(32) }],
    ['has keys of another form', { ...pristine(), generateKeyPair: () => ({ pubKey: 'a', privKey: 'b' }) }],
    ['throws', { ...pristine(), generateKeyPair: () => expect.unreachable() }],
    ['has no such functions', {}],
  ])('leaves a copy alone that %s', (_, copy) => {
    const before = { ...copy }
    loadedCopy(copy)
    quickened()
    expect(copy).toEqual(before)
  })

  test('takes nothing away from who replaced the function meanwhile', () => {
    const { curve } = loaded()
    const off = quickened()
    const theirs = () => Buffer.alloc(32)
    curve.calculateAgreement = theirs
    off()
    expect(curve.calculateAgreement).toBe(theirs)
  })
})
