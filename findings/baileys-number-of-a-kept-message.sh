#!/usr/bin/env bash
# @whiskeysockets/baileys 7.0.0-rc14 and 6.7.24
#
# Guess: `toNumber` gives a number for each 64-bit field of a message, whether the message has just come or was kept: as
#        JSON, as Baileys' own BufferJSON writes it, or as a structured clone, as a worker or a cache gets it.
# Seen:  of a message that has just come it does. From JSON the field comes back as text, and `toNumber` hands the text
#        on: a timestamp plus 60 is ten digits longer, not a minute later. Of a clone it takes the lower 32 bits with
#        their sign: a file of 3 GB has a length of minus 1.3 GB.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
# libsignal is named by a Git address; the same code is on npm.
echo '{"overrides":{"libsignal":"6.0.0","@whiskeysockets/eslint-config":"npm:picocolors@1.1.1"}}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts --legacy-peer-deps \
  six@npm:@whiskeysockets/baileys@6.7.24 seven@npm:@whiskeysockets/baileys@7.0.0-rc14 >/dev/null
cat > run.mjs <<'JS'
for (const name of ['seven', 'six']) {
  const { BufferJSON, proto, toNumber } = await import(name)
  const { WebMessageInfo } = proto
  const sent = { key: { id: 'A' }, messageTimestamp: 1700000000, message: { videoMessage: { fileLength: 3000000000 } } }
  const come = WebMessageInfo.decode(WebMessageInfo.encode(sent).finish())
  const json = JSON.parse(JSON.stringify(come, BufferJSON.replacer), BufferJSON.reviver)
  const told = ({ messageTimestamp, message: { videoMessage } }) =>
    `${toNumber(messageTimestamp) + 60} ${toNumber(videoMessage.fileLength)}`
  const { messageTimestamp, message: { videoMessage: { fileLength } } } = come
  const clone = structuredClone({ messageTimestamp, message: { videoMessage: { fileLength } } })
  console.log(`${name}, has come: ${told(come)}\n${name}, as JSON:  ${told(json)}\n${name}, cloned:   ${told(clone)}`)
}
process.exit(0)
JS
output=$(node run.mjs)
echo "$output"
[ "$output" = 'seven, has come: 1700000060 3000000000
seven, as JSON:  170000000060 3000000000
seven, cloned:   1700000060 -1294967296
six, has come: 1700000060 3000000000
six, as JSON:  170000000060 3000000000
six, cloned:   1700000060 -1294967296' ]
