// Ways in which a program comes to one Baileys, whatever the order.
const inner = require('./inner.mjs')
const loaded = Symbol.for('baileys-lifeline.seen')
const print = async () => {
  const { useMultiFileAuthState: required } = require('@whiskeysockets/baileys')
  const imported = await import('@whiskeysockets/baileys')
  const old = require('whaileys')
  const oldImported = await import('whaileys')
  const names = [...globalThis[loaded].hooked].map((url) => url.split('/node_modules/').at(-1))
  const same = [inner.useMultiFileAuthState === required, imported.useMultiFileAuthState === required]
  const sameOld = [
    oldImported.useMultiFileAuthState === old.useMultiFileAuthState,
    oldImported.makeWASocket === old.makeWASocket,
  ]
  console.log(
    JSON.stringify({
      names,
      same,
      sameOld,
      missing: Object.keys(old).filter((name) => !(name in oldImported.default)),
    }),
  )
}
print()
