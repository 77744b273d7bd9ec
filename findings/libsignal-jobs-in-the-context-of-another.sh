#!/usr/bin/env bash
# libsignal 6.0.0 (the one of Baileys 6.7 and 7), Node 20 and later
#
# Guess: each call of a SessionCipher runs in the AsyncLocalStorage context of whoever made it, as all async code does.
# Seen:  calls for one address wait in a row, and all of the row run in the context of the call that began it. Who keeps
#        a transaction or a trace id in an AsyncLocalStorage finds the one of another call, or of another account of the
#        process: the row is keyed by the address alone.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund libsignal@6.0.0 >/dev/null
cat > run.cjs <<'JS'
const { AsyncLocalStorage } = require('node:async_hooks')
const { SessionCipher, ProtocolAddress } = require('libsignal')
const caller = new AsyncLocalStorage()
const seen = []
/** A store of nobody's sessions, that notes in whose context it is asked. */
const storage = {
  loadSession: async () => {
    seen.push(caller.getStore())
    await new Promise(setImmediate)
  },
}
const ask = (name) => caller.run(name, () => new SessionCipher(storage, new ProtocolAddress('491700000001', 0)).hasOpenSession())
Promise.all([ask('first'), ask('second'), ask('third')]).then(() => console.log(seen.join(' ')))
JS
output=$(node run.cjs)
echo "$output"
[ "$output" = 'first first first' ]
