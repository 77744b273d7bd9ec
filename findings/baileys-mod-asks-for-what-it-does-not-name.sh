#!/usr/bin/env bash
# baileys-mod 6.8.5
#
# Guess: what npm installs with a fork can be loaded: its package.json names all that it needs.
# Seen:  lib/Utils/messages-media.js requires `cheerio`, which is named nowhere: not as a dependency, not as a peer, not
#        as an optional one. The fork loads only where something else has installed it.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
# libsignal is named by a Git address; the same code is on npm.
echo '{"overrides":{"libsignal":"6.0.0"}}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts --legacy-peer-deps baileys-mod@6.8.5 >/dev/null
cat > run.mjs <<'JS'
import { readFileSync } from 'node:fs'
const { version, dependencies, peerDependencies, optionalDependencies } = JSON.parse(
  readFileSync('node_modules/baileys-mod/package.json', 'utf8'),
)
const said = await import('baileys-mod').then(() => 'loaded', ({ message }) => message.split('\n')[0])
const named = 'cheerio' in { ...dependencies, ...peerDependencies, ...optionalDependencies }
console.log(`${version}: ${said}; named: ${named}`)
process.exit(0)
JS
output=$(node run.mjs)
echo "$output"
[ "$output" = "6.8.5: Cannot find module 'cheerio'; named: false" ]
