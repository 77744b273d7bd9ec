#!/usr/bin/env bash
# @whiskeysockets/baileys 7.0.0-rc14, beside 6.7.24
#
# Guess: what `JSON.stringify` makes of a Buffer by itself, {"type":"Buffer","data":[1,2]}, is bytes again after
#        BufferJSON.reviver, as in Baileys 6: it is the form that Node defines, and that JSON columns, exports and
#        copies made without BufferJSON.replacer hold.
# Seen:  6.7.24 makes bytes of it. 7.0.0-rc14 takes its own form alone, with base64 as `data`, and hands on a plain
#        object without an error: a creds.json that 6 read well has keys that are no bytes.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
# libsignal is named by a Git address; the same code is on npm.
echo '{"overrides":{"libsignal":"6.0.0","@whiskeysockets/eslint-config":"npm:picocolors@1.1.1"}}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts --legacy-peer-deps \
  six@npm:@whiskeysockets/baileys@6.7.24 seven@npm:@whiskeysockets/baileys@7.0.0-rc14 >/dev/null
cat > run.mjs <<'JS'
for (const [version, name] of [['6.7.24', 'six'], ['7.0.0-rc14', 'seven']]) {
  const { BufferJSON, initAuthCreds } = await import(name)
  const { noiseKey } = initAuthCreds()
  const read = (text) => JSON.parse(text, BufferJSON.reviver).noiseKey.public.constructor.name
  const plain = read(JSON.stringify({ noiseKey: { public: Buffer.from(noiseKey.public) } }))
  const own = read(JSON.stringify({ noiseKey }, BufferJSON.replacer))
  console.log(`${version}: of plain JSON: ${plain}; of its own: ${own}`)
}
process.exit(0)
JS
output=$(node run.mjs)
echo "$output"
[ "$output" = '6.7.24: of plain JSON: Buffer; of its own: Buffer
7.0.0-rc14: of plain JSON: Object; of its own: Buffer' ]
