#!/usr/bin/env bash
# @whiskeysockets/baileys 7.0.0-rc14
#
# Guess: a key store that refuses a write, for instance since it is closed, makes the transaction fail at once, so that
#        `sendMessage` rejects with what the store said.
# Seen:  the default options try ten times, 3 s apart, and hold the lock of that key meanwhile: each send to the same
#        contact waits 27 s more. Then `sendMessage` says "All encryptions failed".
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @whiskeysockets/baileys@7.0.0-rc14 >/dev/null
cat > run.mjs <<'JS'
import { addTransactionCapability, DEFAULT_CONNECTION_CONFIG } from '@whiskeysockets/baileys'
let tries = 0
const store = {
  get: async () => ({}),
  set: async () => {
    tries += 1
    throw new Error('closed')
  },
}
const none = () => undefined
const logger = { trace: none, debug: none, info: none, warn: none, error: none, child: () => logger }
const keys = addTransactionCapability(store, logger, DEFAULT_CONNECTION_CONFIG.transactionOpts)
const began = Date.now()
const said = await keys
  .transaction(() => keys.set({ session: { 'a.0': new Uint8Array(1) } }), 'a.0')
  .then(() => 'stored', ({ message }) => message)
console.log(said, tries, Math.floor((Date.now() - began) / 3_000))
JS
output=$(node run.mjs)
echo "$output"
[ "$output" = 'closed 10 9' ]
