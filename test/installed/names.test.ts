// @module-tag slow

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inTurn } from '../share.ts'
import { bot, countingTimers } from './bot.ts'
import { type BaileysNames, Stranger } from './stranger.ts'

const rows: readonly [string, BaileysNames][] = [
  ['baileys', { baileys: '@whiskeysockets/baileys' }],
  ['@whiskeysockets/baileys', { '@whiskeysockets/baileys': 'baileys-6' }],
]

describe.each(inTurn(rows, import.meta.url))('with %s alone', (name, names) => {
  let stranger: Stranger
  beforeAll(async () => {
    stranger = await Stranger.with(names)
  })
  afterAll(() => stranger.remove())

  test('a bot links, reads and answers', async () => {
    await stranger.write('main.mjs', countingTimers(bot(name)))
    const { code, output } = await stranger.run('main.mjs')
    expect([code, output.includes('answered pong')]).toEqual([0, true])
    // Nor does the process wait for what Baileys has left behind.
    expect(output).toContain('held by []')
  })

  test('the types are those of that Baileys', async () => {
    await stranger.write(
      'main.ts',
      `${bot(name)}
      import type { AuthStore, Lifeline } from 'baileys-lifeline'
      type Creds = Awaited<ReturnType<AuthStore['open']>>['state']['creds']
      export const id = (creds: Creds): string | undefined => creds.me?.id
      // @ts-expect-error: the number is one, and not a text
      export const wrong = (creds: Creds): string => creds.registrationId
      export const send = (line: Lifeline<ReturnType<typeof namespace.makeWASocket>>) =>
        // @ts-expect-error: no content of a message
        line.socket?.sendMessage('a@b', { text: 1 })`,
    )
    const said = await stranger.compile({ module: 'nodenext', skipLibCheck: false })
    // Baileys' own declarations have faults of their own.
    expect(said.filter((line) => /^(?:main|.*baileys-lifeline)/.test(line))).toEqual([])
  })
})

test('without a Baileys the first call says so, and what to do, and makes nothing', async () => {
  const stranger = await Stranger.with({})
  await stranger.write(
    'main.mjs',
    `import { createLifeline } from 'baileys-lifeline'
     import { startFakeWhatsApp } from 'baileys-lifeline/fake-whatsapp'
     const line = createLifeline({ auth: './auth', connect: () => undefined })
     for (const begin of [() => line.start(), () => startFakeWhatsApp()])
       await begin().catch(({ code, message, remediation }) => console.log(code, message, remediation))
     console.log(line.status.state)`,
  )
  const said =
    /BAILEYS_MISSING Baileys is not installed beside baileys-lifeline: there is neither @whiskeysockets\/baileys nor baileys\. Run `npm install baileys@/g
  const { code, output } = await stranger.run('main.mjs')
  expect([code, output.match(said)?.length, output.includes('stopped')]).toEqual([0, 2, true])
  expect(existsSync(join(stranger.folder, 'auth'))).toBe(false)
  const { output: demo } = await stranger.run('node_modules/baileys-lifeline/lib/lifeline.js', 'demo')
  expect(demo).toMatch(/Baileys is not installed in .*neither @whiskeysockets\/baileys nor baileys/)
  await stranger.remove()
})
