#!/usr/bin/env bash
# @whiskeysockets/baileys 6.7.24, beside 7.0.0-rc14
#
# Guess: of two batches of messages in one buffer, old ones (`append`) and a live one (`notify`), each is told with its
#        own type, so that a bot that answers `notify` alone answers the live one.
# Seen:  6.7.24 makes one batch of them, with the type of whichever came first: after a message of the backlog a live
#        one is told as old, and nobody answers it; the other way round an old one is answered as if it were live.
#        7.0.0-rc14 tells two batches.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
# libsignal is named by a Git address; the same code is on npm.
echo '{"overrides":{"libsignal":"6.0.0","@whiskeysockets/eslint-config":"npm:picocolors@1.1.1"}}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts --legacy-peer-deps \
  six@npm:@whiskeysockets/baileys@6.7.24 seven@npm:@whiskeysockets/baileys@7.0.0-rc14 >/dev/null
cat > run.mjs <<'JS'
const none = () => undefined
const logger = { level: 'silent', trace: none, debug: none, info: none, warn: none, error: none, child: () => logger }
const message = (id) => ({ key: { id, remoteJid: '4917@s.whatsapp.net' }, message: { conversation: id } })
for (const [version, name] of [['6.7.24', 'six'], ['7.0.0-rc14', 'seven']]) {
  const { makeEventBuffer } = await import(name)
  const events = makeEventBuffer(logger)
  events.on('messages.upsert', ({ type, messages }) => {
    console.log(`${version}: ${type} ${messages.map(({ key }) => key.id).join(', ')}`)
  })
  events.buffer()
  events.emit('messages.upsert', { type: 'append', messages: [message('old')] })
  events.emit('messages.upsert', { type: 'notify', messages: [message('live')] })
  events.flush()
}
process.exit(0)
JS
output=$(node run.mjs)
echo "$output"
[ "$output" = '6.7.24: append old, live
7.0.0-rc14: append old
7.0.0-rc14: notify live' ]
