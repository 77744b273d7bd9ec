#!/usr/bin/env bash
# baileys 6.17.16 (npm's `latest`), baileys 6.7.24 and 7.0.0-rc14
#
# Guess: of three releases of one package the highest 6 speaks what the others do, or something newer.
# Seen:  it announces dictionary 2 in the first four bytes of a connection, 6.7.24 and 7 announce 3; and it abbreviates
#        other words by the same bytes: a stanza that one of them wrote the other reads as another, without an error.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
# libsignal and a linter's rules are named by Git addresses; the first is on npm too, the second is not run.
echo '{"overrides":{"libsignal":"6.0.0","@whiskeysockets/eslint-config":"npm:picocolors@1.1.1"}}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts --legacy-peer-deps \
  latest@npm:baileys@6.17.16 six@npm:baileys@6.7.24 seven@npm:baileys@7.0.0-rc14 >/dev/null
cat > run.mjs <<'JS'
const stanza = { tag: 'receipt', attrs: { type: 'retry' } }
const all = {}
for (const name of ['latest', 'six', 'seven']) all[name] = await import(name)
for (const [name, { NOISE_WA_HEADER }] of Object.entries(all)) console.log(`${name}: dictionary ${NOISE_WA_HEADER[3]}`)
for (const [from, to] of [['six', 'seven'], ['latest', 'seven']]) {
  const { tag, attrs } = await all[to].decodeBinaryNode(Buffer.from(all[from].encodeBinaryNode(stanza)))
  console.log(`${from} to ${to}:`, JSON.stringify({ tag, attrs }))
}
JS
output=$(node run.mjs)
echo "$output"
[ "$output" = $'latest: dictionary 2\nsix: dictionary 3\nseven: dictionary 3\nsix to seven: {"tag":"receipt","attrs":{"type":"retry"}}\nlatest to seven: {"tag":"receipt","attrs":{"type":"subscribe"}}' ]
