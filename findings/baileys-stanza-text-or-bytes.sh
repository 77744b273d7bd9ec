#!/usr/bin/env bash
# @whiskeysockets/baileys 6.7.24 and 7.0.0-rc14
#
# Guess: the text that a stanza holds comes back as it was written: text as text, or always as bytes.
# Seen:  it depends on what the text says. Digits, an address and a word of WhatsApp's dictionary come back as text,
#        every other text as bytes, and in 6.7.24 an empty one as no content at all. A handler that was tried with
#        "12345" breaks on "12345x". An address of a hosted device, `5:99@hosted`, comes back in 6.7.24 as one of
#        another server.
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
  const { decodeBinaryNode, encodeBinaryNode } = await import(name)
  const passed = async (content, from) =>
    decodeBinaryNode(Buffer.from(encodeBinaryNode({ tag: 'body', attrs: { from }, content })))
  const kinds = []
  for (const text of ['12345', '12345x', '1@s.whatsapp.net', 'receipt', 'hello', ''])
    kinds.push(`${text || 'empty'} ${(await passed(text, '1@s.whatsapp.net')).content.constructor.name}`)
  console.log(`${version}: ${kinds.join(', ')}`)
  console.log(`${version}: 5:99@hosted is ${(await passed('', '5:99@hosted')).attrs.from}`)
}
process.exit(0)
JS
output=$(node run.mjs)
echo "$output"
[ "$output" = '6.7.24: 12345 String, 12345x Buffer, 1@s.whatsapp.net String, receipt String, hello Buffer, empty Array
6.7.24: 5:99@hosted is 5:99@s.whatsapp.net
7.0.0-rc14: 12345 String, 12345x Buffer, 1@s.whatsapp.net String, receipt String, hello Buffer, empty Buffer
7.0.0-rc14: 5:99@hosted is 5:99@hosted' ]
