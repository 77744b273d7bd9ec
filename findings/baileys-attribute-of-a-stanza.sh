#!/usr/bin/env bash
# @whiskeysockets/baileys 6.7.24 and 7.0.0-rc14
#
# Guess: an attribute of a stanza arrives as it was given: text as that text, and a number as its digits, or the encoder
#        refuses it.
# Seen:  text with an @ is taken for an address and cut to what an address has: an e-mail address loses what stands
#        between an underscore and the @. Of a number the name is written and no value, without an error: the whole
#        stanza cannot be decoded. Whoever writes `t: Math.floor(Date.now() / 1000)` by hand sends one.
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
  for (const value of ['a text', 'first_last@example.org', '1700000000', 1700000000]) {
    const sent = Buffer.from(encodeBinaryNode({ tag: 'query', attrs: { value } }))
    const arrived = await decodeBinaryNode(sent).then(({ attrs }) => attrs.value, ({ message }) => message)
    console.log(`${version}: ${typeof value} ${value}: ${arrived}`)
  }
}
process.exit(0)
JS
output=$(node run.mjs)
echo "$output"
[ "$output" = '6.7.24: string a text: a text
6.7.24: string first_last@example.org: first@example.org
6.7.24: string 1700000000: 1700000000
6.7.24: number 1700000000: end of stream
7.0.0-rc14: string a text: a text
7.0.0-rc14: string first_last@example.org: first@example.org
7.0.0-rc14: string 1700000000: 1700000000
7.0.0-rc14: number 1700000000: end of stream' ]
