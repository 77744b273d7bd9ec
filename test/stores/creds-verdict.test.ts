import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as seven from '@whiskeysockets/baileys'
import { expect, test } from 'vitest'
import type { AuthenticationCreds } from '../../src/baileys/baileys-types.ts'
import { type BaileysParts, codecOf } from '../../src/stores/codec.ts'
import { judgeCreds, verdictOn } from '../../src/stores/creds-verdict.ts'
import { nodeFileSystem } from '../../src/stores/disk/file-system.ts'
import { Generations } from '../../src/stores/generations.ts'
import type { Read } from '../../src/stores/store.ts'
import { linkedCreds } from './linked-creds.ts'

const codec = codecOf(seven as unknown as BaileysParts)
const linked = linkedCreds()
const unlinked = seven.initAuthCreds() as unknown as AuthenticationCreds

/** The good copies of an account, these, saved a second apart. */
async function keeping(...all: readonly AuthenticationCreds[]) {
  const files = new Map<string, Buffer>()
  const generations = new Generations({
    names: async () => [...files.keys()],
    read: async (name) => files.get(name) ?? Buffer.alloc(0),
    put: async (name, bytes) => void files.set(name, bytes),
    drop: async (names) => {
      for (const name of names) files.delete(name)
    },
  })
  for (const [at, creds] of all.entries()) await generations.saved(codec.encode(creds), codec, 1_000 * (at + 1))
  return { generations, files }
}
const absent: Read<AuthenticationCreds> = { kind: 'absent' }
const present = (value: AuthenticationCreds): Read<AuthenticationCreds> => ({ kind: 'present', value })
const torn: Read<AuthenticationCreds> = { kind: 'unreadable', why: 'it is torn' }

test.each<[string, Read<AuthenticationCreds>, readonly AuthenticationCreds[], unknown]>([
  ['that are torn are', torn, [linked], torn],
  ['that were never there are absent', absent, [], absent],
  ['of a device that was never linked are absent', absent, [unlinked], absent],
  [
    'of a linked device that vanished are missing, not absent',
    absent,
    [linked],
    {
      kind: 'unreadable',
      why: 'creds.json is missing, though good credentials of 1970-01-01T00:00:01.000Z are kept',
    },
  ],
  ['without any good copy are taken as they are', present(unlinked), [], present(unlinked)],
  ['that agree with the good copy are taken as they are', present(linked), [linked], present(linked)],
  [
    'that contradict it are not',
    present(linkedCreds('49222')),
    [linked],
    { kind: 'unreadable', why: 'creds.json belongs to another account' },
  ],
])('credentials %s', async (_, read, copies, verdict) => {
  const { generations } = await keeping(...copies)
  expect(await verdictOn(read, codec, generations, 'here')).toEqual(verdict)
})

test('an account of which nothing is left is gone while its owner has had it, and never was after that', async () => {
  const { generations, files } = await keeping(linked)
  files.clear()
  generations.reread()
  const gone = { code: 'AUTH_STORE_GONE', message: expect.stringContaining('no longer at here:') }
  await expect(verdictOn(absent, codec, generations, 'here')).rejects.toMatchObject(gone)
  expect(await verdictOn(present(unlinked), codec, generations, 'here')).toEqual(present(unlinked))
  generations.forget()
  expect(await verdictOn(absent, codec, generations, 'here')).toEqual(absent)
})

test('what stands in a folder is read and held against its good copies', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'verdict-'))
  const { generations } = await keeping(linked)
  await writeFile(join(folder, 'creds.json'), '{"half')
  const judged = () => judgeCreds(nodeFileSystem, folder, codec, generations)
  expect(await judged()).toMatchObject({ kind: 'unreadable' })
  await writeFile(join(folder, 'creds.json'), codec.encode(linked))
  expect(await judged()).toMatchObject({ kind: 'present', value: { me: linked.me } })
  await writeFile(join(folder, 'creds.json'), codec.encode(unlinked))
  expect(await judged()).toEqual({ kind: 'unreadable', why: 'creds.json holds a new identity that was never linked' })
})
