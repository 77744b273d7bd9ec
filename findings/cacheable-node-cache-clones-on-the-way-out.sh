#!/usr/bin/env bash
# @cacheable/node-cache 1.7.6 (the line of Baileys 7) and 3.0.1, beside node-cache 5.1.2 (the one of Baileys 6)
#
# Guess: what calls itself a drop-in of node-cache keeps, by default, a copy of what it was given, and gives a Buffer
#        back as a Buffer.
# Seen:  it takes the object itself and copies it only when it is asked for: who changes the object afterwards changes
#        what is kept. The copy is made by structuredClone, so a Buffer comes back as a Uint8Array: `toString('hex')`
#        gives "1,2" in place of "0102", without an error. Baileys itself asks for no copies.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts \
  node-cache@5.1.2 one@npm:@cacheable/node-cache@1.7.6 three@npm:@cacheable/node-cache@3.0.1 >/dev/null
cat > run.mjs <<'JS'
for (const name of ['node-cache', 'one', 'three']) {
  const { NodeCache, default: Default } = await import(name)
  const cache = new (NodeCache ?? Default)()
  const given = { devices: 1 }
  cache.set('given', given)
  given.devices = 2
  cache.set('bytes', Buffer.from([1, 2]))
  console.log(`${name}: kept ${cache.get('given').devices}; bytes ${cache.get('bytes').toString('hex')}`)
}
process.exit(0)
JS
output=$(node run.mjs)
echo "$output"
[ "$output" = 'node-cache: kept 1; bytes 0102
one: kept 2; bytes 1,2
three: kept 2; bytes 1,2' ]
