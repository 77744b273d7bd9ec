#!/usr/bin/env bash
# @whiskeysockets/baileys 7.0.0-rc14, beside 6.7.24
#
# Guess: five messages to a group that arrive in another order (1, 4, 2, 5, 3) are all read: the key of each one that
#        was skipped is kept for it, in both releases.
# Seen:  6.7.24 reads all five. 7.0.0-rc14 keeps the keys of 2 and 3, and cannot use them: it stores them as JSON, does
#        not make bytes of them when it loads them, and says "Expected Buffer instead of: Object" to each late message.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
# libsignal is named by a Git address; the same code is on npm.
echo '{"overrides":{"libsignal":"6.0.0","@whiskeysockets/eslint-config":"npm:picocolors@1.1.1"}}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts --legacy-peer-deps \
  six@npm:@whiskeysockets/baileys@6.7.24 seven@npm:@whiskeysockets/baileys@7.0.0-rc14 >/dev/null
cat > run.mjs <<'JS'
const group = '120363000000000001@g.us'
const author = '491700000001:1@s.whatsapp.net'
const none = () => undefined
const logger = { level: 'silent', trace: none, debug: none, info: none, warn: none, error: none, child: () => logger }
for (const name of ['six', 'seven']) {
  const { addTransactionCapability, BufferJSON, initAuthCreds } = await import(name)
  const { makeLibSignalRepository } = await import(new URL('Signal/libsignal.js', import.meta.resolve(name)).href)
  /** Keys as useMultiFileAuthState keeps them: each as its JSON. */
  const account = () => {
    const rows = new Map()
    const keys = {
      get: async (type, ids) =>
        Object.fromEntries(ids.map((id) => [id, JSON.parse(rows.get(type + id) ?? 'null', BufferJSON.reviver)])),
      set: async (data) => {
        for (const [type, all] of Object.entries(data))
          for (const [id, value] of Object.entries(all)) rows.set(type + id, JSON.stringify(value, BufferJSON.replacer))
      },
    }
    const options = { maxCommitRetries: 1, delayBetweenTriesMs: 1 }
    return makeLibSignalRepository({ creds: initAuthCreds(), keys: addTransactionCapability(keys, logger, options) }, logger)
  }
  const [anna, bert] = [account(), account()]
  const sent = []
  for (const text of ['1', '2', '3', '4', '5'])
    sent.push(await anna.encryptGroupMessage({ group, meId: author, data: Buffer.from(text) }))
  const item = { groupId: group, axolotlSenderKeyDistributionMessage: sent[0].senderKeyDistributionMessage }
  await bert.processSenderKeyDistributionMessage({ item, authorJid: author })
  for (const at of [0, 3, 1, 4, 2]) {
    const said = await bert
      .decryptGroupMessage({ group, authorJid: author, msg: sent[at].ciphertext })
      .then((bytes) => `read as ${Buffer.from(bytes)}`, ({ message }) => message)
    console.log(`${name}: message ${at + 1}: ${said}`)
  }
}
process.exit(0)
JS
output=$(node run.mjs)
echo "$output"
[ "$output" = 'six: message 1: read as 1
six: message 4: read as 4
six: message 2: read as 2
six: message 5: read as 5
six: message 3: read as 3
seven: message 1: read as 1
seven: message 4: read as 4
seven: message 2: Expected Buffer instead of: Object
seven: message 5: read as 5
seven: message 3: Expected Buffer instead of: Object' ]
