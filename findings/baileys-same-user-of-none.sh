#!/usr/bin/env bash
# @whiskeysockets/baileys 7.0.0-rc14 and 6.7.24
#
# Guess: `areJidsSameUser` says yes of two devices of one person and no of all else: a phone number and a LID, or a
#        group, that happen to have the same digits are not the same, and neither are two addresses that are absent.
# Seen:  it compares what stands before the server, and nothing else. The same digits as a number, a LID and a group
#        are one user. Two that are absent (its types allow that) or that are no address are the same user, too: in a
#        handler that asks "is this from me?" a message without a participant is its own, before `me` is known.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
# libsignal is named by a Git address; the same code is on npm.
echo '{"overrides":{"libsignal":"6.0.0","@whiskeysockets/eslint-config":"npm:picocolors@1.1.1"}}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts --legacy-peer-deps \
  six@npm:@whiskeysockets/baileys@6.7.24 seven@npm:@whiskeysockets/baileys@7.0.0-rc14 >/dev/null
cat > run.mjs <<'JS'
const pairs = [
  ['4917@s.whatsapp.net', '4917:3@s.whatsapp.net'],
  ['4917@s.whatsapp.net', '4917@lid'],
  ['4917@s.whatsapp.net', '4917@g.us'],
  [undefined, undefined],
  ['', 'nobody'],
]
for (const name of ['seven', 'six']) {
  const { areJidsSameUser } = await import(name)
  console.log(`${name}: ${pairs.map(([one, other]) => areJidsSameUser(one, other)).join(' ')}`)
}
process.exit(0)
JS
output=$(node run.mjs)
echo "$output"
[ "$output" = 'seven: true true true true true
six: true true true true true' ]
