import { Curve } from '@whiskeysockets/baileys'
import { folderLock, rowAuthStore, sqliteRows, testRows } from '../../../src/stores/rows/index.ts'

// A program, for a Node that has node:sqlite: what it finds it prints, one JSON line each.

const [, , what, file = ''] = process.argv
const print = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`)
const store = () => rowAuthStore({ rows: sqliteRows({ file }), lock: folderLock(`${file}.lock`), location: file })

const trials: Readonly<Record<string, () => Promise<void>>> = {
  rules: async () => {
    print(await testRows(sqliteRows({ file }), sqliteRows({ file })))
  },
  apart: async () => {
    const [one, two] = [sqliteRows({ file, account: 'one' }), sqliteRows({ file, account: 'two' })]
    await one.claim()
    await two.claim()
    await one.commit([{ table: 'account', name: 'a', content: Buffer.from('1') }])
    print([await one.names('account'), await two.names('account')])
  },
  /** Until it is killed: what is printed was acknowledged. */
  write: async () => {
    const owned = store()
    await owned.acquire()
    const { state, saveCreds } = await owned.open({ mint: true })
    await saveCreds()
    for (let count = 0; ; count += 1) {
      await state.keys.set({ 'pre-key': { [String(count + 1)]: Curve.generateKeyPair() } })
      print(count + 1)
    }
  },
  read: async () => {
    const owned = store()
    await owned.acquire()
    const { creds } = await owned.inspect()
    const { state } = await owned.open()
    const ids = process.argv.slice(4)
    const found = await state.keys.get('pre-key', ids)
    print({ creds: creds.kind, found: Object.keys(found).length })
    await owned.release()
  },
}
await trials[what ?? '']?.()
