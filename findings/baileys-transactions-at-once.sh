#!/usr/bin/env bash
# @whiskeysockets/baileys 6.7.24 and 7.0.0-rc14
#
# Guess: a transaction of the key store is exclusive. Three that begin at once and take a pre-key each take 1, 2 and 3.
# Seen:  in 6.7.24 they are one transaction, and each is given pre-key 1: of three contacts who are sent it the first
#        one uses it up. In 7 a transaction excludes those of the same name alone. With a name for each contact all
#        three are given the id 1 with a key of its own each, of which the last one is stored. With one name they take
#        1, 2 and 3.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
# libsignal is named by a Git address; the same code is on npm.
echo '{"overrides":{"libsignal":"6.0.0","@whiskeysockets/eslint-config":"npm:picocolors@1.1.1"}}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts --legacy-peer-deps \
  six@npm:@whiskeysockets/baileys@6.7.24 seven@npm:@whiskeysockets/baileys@7.0.0-rc14 >/dev/null
cat > run.mjs <<'JS'
const none = () => undefined
const logger = { level: 'silent', trace: none, debug: none, info: none, warn: none, error: none, child: () => logger }
async function given(release, names) {
  const { addTransactionCapability, getNextPreKeys, initAuthCreds } = await import(release)
  const rows = new Map()
  const store = {
    get: async (type, ids) => Object.fromEntries(ids.map((id) => [id, rows.get(type + id)])),
    set: async (data) => {
      for (const [type, all] of Object.entries(data))
        for (const [id, value] of Object.entries(all)) rows.set(type + id, value)
    },
  }
  const keys = addTransactionCapability(store, logger, { maxCommitRetries: 1, delayBetweenTriesMs: 1 })
  const creds = initAuthCreds()
  const take = (name) =>
    keys.transaction(async () => {
      const { update, preKeys } = await getNextPreKeys({ creds, keys }, 1)
      Object.assign(creds, update)
      return Object.entries(preKeys)[0]
    }, name)
  const taken = await Promise.all(names.map(take))
  const differing = new Set(taken.map(([, { public: key }]) => Buffer.from(key).toString('hex'))).size
  return `ids ${taken.map(([id]) => id).join(' ')}, ${differing} different, ${rows.size} stored`
}
console.log(`6.7.24: ${await given('six', ['anna', 'bert', 'carl'])}`)
console.log(`7, a name each: ${await given('seven', ['anna', 'bert', 'carl'])}`)
console.log(`7, one name: ${await given('seven', ['all', 'all', 'all'])}`)
process.exit(0)
JS
output=$(node run.mjs)
echo "$output"
[ "$output" = '6.7.24: ids 1 1 1, 1 different, 1 stored
7, a name each: ids 1 1 1, 3 different, 1 stored
7, one name: ids 1 2 3, 3 different, 3 stored' ]
