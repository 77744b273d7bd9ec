import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v7 from '@whiskeysockets/baileys'
import { expect, test } from 'vitest'
import { baileysIn } from '../../src/drop-in/namespace.ts'
import { storedCreds } from '../../src/drop-in/stored-creds.ts'
import { filesBelow, freshFolder, linkedAccount, storeOf } from '../stores/account.ts'

test('the credentials of a folder are those that stand there, else those of its last good copy, else new ones', async () => {
  let made = 0
  const initAuthCreds = () => {
    made += 1
    return v7.initAuthCreds()
  }
  const baileys = baileysIn({ ...v7, initAuthCreds })
  const read = async (folder: string) => {
    const { me } = await storedCreds(storeOf(folder), folder, baileys)
    return [me?.id, made]
  }
  expect(await read(await freshFolder())).toEqual([undefined, 1])
  const { folder, store, creds } = await linkedAccount('49111')
  await store.release()
  expect(await read(folder)).toEqual([creds.me?.id, 1])
  await writeFile(join(folder, 'creds.json'), '{"half')
  const before = await filesBelow(folder)
  expect(await read(folder)).toEqual([creds.me?.id, 1])
  expect(await filesBelow(folder)).toEqual(before)
  await rm(join(folder, '.lifeline', 'creds'), { recursive: true })
  expect(await read(folder)).toEqual([undefined, 2])
})
