import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { lines, World } from '../../line/world.ts'
import { inTurn } from '../../share.ts'

const today = inTurn(lines, import.meta.url)

// Accounts that come from JSON columns, MongoDB or an editor: what other stores for Baileys leave.

/** Bytes as JSON columns, MongoDB's exports and Baileys 6 spell them: number by number. */
const spelt = (text: string): string =>
  text.replaceAll(
    /"data":"([^"]+)"/g,
    (_, data: string) => `"data":${JSON.stringify([...Buffer.from(data, 'base64')])}`,
  )

const forms: readonly (readonly [of: string, form: (text: string) => string])[] = [
  ['a JSON column', spelt],
  ['an editor', (text) => `\uFEFF${text.replace(/\}$/, ',}')}\r\n`],
]

describe.each(today)('an account in a form that Baileys alone may not read, with $name', ({ name, baileys }) => {
  let world: World
  beforeAll(async () => {
    world = await World.open(baileys, { seed: `older form ${name}` })
    await world.linkedFolder()
  })
  afterEach(() => world.calm())
  afterAll(() => world.close())

  test.each(forms)('that of %s connects without a code, and is written anew with the old kept', async (_, form) => {
    const folder = await world.linkedFolder()
    const first = await world.newcomer({}, folder).up()
    const [friend] = await world.friends(first, ['anna'])
    await first.line.stop()
    const files = (await readdir(folder)).filter((file) => file.endsWith('.json'))
    const older = new Map<string, string>()
    for (const file of files) {
      const text = await readFile(join(folder, file), 'utf8')
      if (form(text) === text) continue
      older.set(file, form(text))
      await writeFile(join(folder, file), form(text))
    }
    expect(older.size).toBeGreaterThan(5)

    const gateway = await world.newcomer({}, folder).up()
    expect([gateway.codes, gateway.path.includes('awaitingQr')]).toEqual([[], false])
    if (friend) await world.read(gateway, [friend])
    const [entry] = await gateway.line.quarantined()
    await gateway.line.stop()
    const kept = join(folder, '.lifeline', 'quarantine', entry?.id ?? '')
    for (const [file, text] of older) expect(await readFile(join(kept, file), 'utf8')).toBe(text)
    const { state } = await baileys.useMultiFileAuthState(folder)
    expect(state.creds.me?.id).toBe(first.line.status.self?.id ?? state.creds.me?.id)
    expect(Buffer.from(state.creds.noiseKey.private).length).toBe(32)
    for (const file of await readdir(folder)) {
      if (!file.endsWith('.json')) continue
      const text = await readFile(join(folder, file), 'utf8')
      expect([file, /^\uFEFF|"data":\[/.test(text)]).toEqual([file, false])
      JSON.parse(text)
    }
  })
})
