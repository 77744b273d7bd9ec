import { randomBytes } from 'node:crypto'
import * as baileys from '@whiskeysockets/baileys'
import { createDashboardWith } from '../../src/dashboard/dashboard.ts'
import { parseReplay } from '../../src/history/incidents/replay-file.ts'
import { LifelineError } from '../../src/index.ts'
import { codecOf } from '../../src/stores/codec.ts'
import { parseCreds } from '../../src/stores/creds.ts'
import { decodeFrames, encodeFrame, encodeHeader } from '../../src/stores/folder/journal/frame.ts'
import { Keyring } from '../../src/stores/postgres/keyring.ts'
import { parseManifest } from '../../src/stores/quarantine.ts'
import { ScriptedAccount } from '../line/scripted-account.ts'
import { Random } from '../simulation/random.ts'
import { linkedCreds } from '../stores/linked-creds.ts'

/** Inputs of one class: how many were tried, how many refused, and what was taken although it must not be. */
export interface Tried {
  tried: number
  refused: number
  readonly taken: string[]
}

export const inputClasses = ['requests', 'rows', 'frames', 'files'] as const
export type InputClass = (typeof inputClasses)[number]

const token = 'a-token-of-more-than-128-bits'
const code = '2@the-code,that-links-a-device'

const bytesFrom = (random: Random, count: number): Buffer =>
  Buffer.from(Array.from({ length: count }, () => random.below(256)))

/** Bytes that were changed a little: one bit, a cut, something put in, or all of them. */
function spoilt(bytes: Buffer, random: Random): Buffer {
  const at = random.below(Math.max(1, bytes.length))
  const one = Buffer.from(bytes)
  switch (random.below(4)) {
    case 0:
      if (one.length > 0) one[at] = (one[at] ?? 0) ^ (1 << random.below(8))
      return one
    case 1:
      return one.subarray(0, at)
    case 2:
      return Buffer.concat([one.subarray(0, at), bytesFrom(random, 1 + random.below(20)), one.subarray(at)])
    default:
      return bytesFrom(random, random.below(200))
  }
}

const pick = <T>(random: Random, from: readonly T[]): T => from[random.below(from.length)] as T

const methods = ['GET', 'POST', 'DELETE', 'PUT', 'HEAD', 'OPTIONS']
const paths = [
  ...[
    '/status.json',
    '/metrics',
    '/api/stream',
    '/api/links/redeem',
    '/api/sign-in',
    '/api/sign-in/links',
    '/api/proof',
  ],
  ...['/api/accounts/a/links', '/api/accounts/a/timeline', '/api/accounts/a/quarantine', '/api/session', '/healthz'],
  ...['reconnect', 'relink', 'prune-all', 'restore', 'pairing-code'].map((one) => `/api/accounts/a/actions/${one}`),
]
const names = [
  ...['authorization', 'cookie', 'origin', 'x-forwarded-for', 'x-forwarded-proto', 'sec-fetch-site', 'content-type'],
  ...['forwarded', 'last-event-id', 'x-http-method-override', 'host'],
]

/** Nobody who asks has the token: nothing is done, and no code is shown. */
async function requests(random: Random, count: number, found: Tried): Promise<void> {
  const account = new ScriptedAccount()
  account.showCode(code, 1, Date.now() + 3_600_000)
  const dashboard = createDashboardWith(account, { token }, {})
  const values = [
    'application/json',
    'http://127.0.0.1',
    '127.0.0.1',
    'same-origin',
    `Bearer ${token.slice(1)}`,
    'Bearer',
  ]
  for (let n = 0; n < count; n += 1) {
    const method = pick(random, methods)
    const headers = new Headers({ 'content-type': 'application/json', origin: 'http://127.0.0.1' })
    for (let more = random.below(4); more > 0; more -= 1)
      headers.set(
        pick(random, names),
        random.below(2) === 0 ? pick(random, values) : bytesFrom(random, 9).toString('base64url'),
      )
    const mutated =
      random.below(3) === 0 ? `${pick(random, paths)}%${random.below(256).toString(16)}` : pick(random, paths)
    const path = random.below(4) === 0 ? `${mutated}?token=${bytesFrom(random, 9).toString('hex')}` : mutated
    const body =
      method === 'GET' || method === 'HEAD' ? null : pick(random, ['{}', '[]', '{"secret":1}', '{"token":""}', ''])
    const request = new Request(`http://127.0.0.1${path}`, { method, headers, body })
    const answer = await dashboard.fetch(request, { remoteAddress: '127.0.0.1' })
    const said = answer.body === null ? '' : await answer.text()
    found.tried += 1
    if (answer.status >= 400) found.refused += 1
    if (account.asked.length > 0 || said.includes(code) || said.includes('"who":"owner"') || answer.status === 500)
      found.taken.push(`${method} ${path}: ${answer.status}`)
  }
  await dashboard.close()
}

/**
 * None who writes them has the key: whatever stands there, moved, spoilt or plain, reads as nothing that was written.
 */
async function rows(random: Random, count: number, found: Tried): Promise<void> {
  const keyring = new Keyring([{ id: 'k', key: randomBytes(32) }])
  const place = { account: 'a', kind: 'account', name: 'session-1.0.json', bound: ['fleet', 1] }
  const content = Buffer.from(JSON.stringify({ secret: randomBytes(30).toString('hex') }))
  for (let n = 0; n < count; n += 1) {
    const sealed = keyring.seal(place, content)
    const moved = random.below(2) === 0
    const elsewhere = pick(random, [
      { ...place, account: 'b' },
      { ...place, kind: 'staging' },
      { ...place, name: 'creds.json' },
      { ...place, bound: ['fleet', 2] },
      { ...place, bound: [] },
    ])
    const plain = !moved && random.below(3) === 0
    const whole = Buffer.from(sealed.content)
    const stored = moved ? whole : plain ? content : spoilt(whole, random)
    if (!moved && !plain && stored.equals(sealed.content)) continue
    let told = 0
    const opened = keyring.open(moved ? elsewhere : place, { keyId: plain ? null : 'k', content: stored }, () => {
      told += 1
    })
    found.tried += 1
    if (told === 1) found.refused += 1
    if (told !== 1 || isJson(opened)) found.taken.push(`row ${n}`)
  }
}

/** What is spoilt in a journal is given back to nobody; what stands before it is. */
async function frames(random: Random, count: number, found: Tried): Promise<void> {
  const epoch = randomBytes(8)
  const contents = [1, 2, 3].map((n) => Buffer.from(JSON.stringify({ n, key: randomBytes(20).toString('hex') })))
  const whole = Buffer.concat([
    encodeHeader(epoch),
    ...contents.map((content, n) =>
      encodeFrame(epoch, n, { at: n, rows: [{ name: `session-${n}.json`, content, replaces: undefined }] }),
    ),
  ])
  const known = new Set(contents.map(String))
  for (let n = 0; n < count; n += 1) {
    found.tried += 1
    const { frames: read, spoilt: isSpoilt } = decodeFrames(spoilt(whole, random))
    if (isSpoilt || read.length < contents.length) found.refused += 1
    const foreign = read.flatMap((frame) => frame.rows).filter(({ content }) => !known.has(String(content)))
    if (foreign.length > 0) found.taken.push(`journal ${n}`)
  }
}

/** Whatever a file holds, its readers say what is wrong with it, or read it. */
async function files(random: Random, count: number, found: Tried): Promise<void> {
  const codec = codecOf(baileys)
  const creds = codec.encode(linkedCreds())
  const manifest = Buffer.from(JSON.stringify({ id: 'x', at: 1, reason: 'r', files: [] }))
  const replay = Buffer.from(
    JSON.stringify({ format: 'baileys-lifeline-replay', version: 1, incident: { id: 'a' }, runs: [] }),
  )
  for (let n = 0; n < count; n += 1) {
    found.tried += 1
    try {
      const unread = [
        parseCreds(spoilt(creds, random), codec).kind !== 'present',
        parseManifest(spoilt(manifest, random), 'x') === undefined,
      ]
      if (unread.some(Boolean)) found.refused += 1
      parseReplay(spoilt(replay, random).toString())
    } catch (error) {
      if (!(error instanceof LifelineError)) found.taken.push(`file ${n}: ${error}`)
    }
  }
}

function isJson(bytes: Uint8Array): boolean {
  try {
    JSON.parse(Buffer.from(bytes).toString('utf8'))
    return true
  } catch {
    return false
  }
}

const players: Readonly<Record<InputClass, typeof requests>> = { requests, rows, frames, files }

/** So many harmless inputs of a class; what was made of them. */
export async function tryOut(kind: InputClass, seed: number, count: number, found: Tried): Promise<void> {
  await players[kind](new Random(seed), count, found)
}
