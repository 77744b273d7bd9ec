#!/usr/bin/env bash
# @whiskeysockets/baileys 6.7.24
#
# Guess: once the handshake is finished each frame of the server is decrypted, whenever it comes; `finishInit()` is
#        called and nobody waits for it, so it works at once.
# Seen:  it derives the keys in Node's threads. A frame that comes before they are there is handed on as it is,
#        encrypted, as if it were one of the handshake, and is lost. The socket never waits for it
#        (lib/Socket/socket.js): a server that is near, or a machine whose threads are busy, is enough.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
# It names libsignal by a Git address; the same code is on npm.
echo '{"overrides":{"libsignal":"6.0.0"}}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @whiskeysockets/baileys@6.7.24 >/dev/null
cat > run.mjs <<'JS'
import { readFileSync } from 'node:fs'
import { Curve, NOISE_WA_HEADER } from '@whiskeysockets/baileys'
import { makeNoiseHandler } from '@whiskeysockets/baileys/lib/Utils/noise-handler.js'
const none = () => undefined
const logger = { trace: none, debug: none, info: none, warn: none, error: none, child: () => logger }
const handler = () => makeNoiseHandler({ keyPair: Curve.generateKeyPair(), NOISE_HEADER: NOISE_WA_HEADER, logger })
// A frame of 32 bytes, with its length in three bytes before it, as the server writes it.
const frame = Buffer.concat([Buffer.from([0, 0, 32]), Buffer.alloc(32, 7)])

const hasty = handler()
const derived = hasty.finishInit()
await hasty.decodeFrame(frame, (content) => console.log('at once:', content.length, 'bytes as they came'))
await derived
const later = await hasty.decodeFrame(frame, none).then(() => 'taken', () => 'decrypted, with a key')
console.log('afterwards:', later)
const socket = readFileSync(new URL('lib/Socket/socket.js', import.meta.resolve('@whiskeysockets/baileys').replace(/lib\/.*/, '')), 'utf8')
console.log('waited for:', /await noise\.finishInit\(\)/.test(socket))
JS
output=$(node run.mjs)
echo "$output"
[ "$output" = $'at once: 32 bytes as they came\nafterwards: decrypted, with a key\nwaited for: false' ]
