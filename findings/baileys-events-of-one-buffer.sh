#!/usr/bin/env bash
# @whiskeysockets/baileys 6.7.24 and 7.0.0-rc14
#
# Guess: what is emitted while Baileys buffers (at each login, and while a history comes) is told when the buffer ends,
#        one after the other or put together: of two changes of a group both, of a contact its nickname as well, of a
#        reaction a `messages.reaction`.
# Seen:  of two changes of a group the second is dropped. What was told of a contact before its own entry came is
#        dropped. A count of unread messages that becomes 0 stays what it was. A reaction to a message of the same buffer
#        is in that message and is no event, so whoever listens for reactions hears of none.
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
const key = { id: 'A', remoteJid: '4917@s.whatsapp.net' }
const reaction = { key, reaction: { key: { ...key, id: 'B' }, text: '+' } }
const stories = {
  group: [['groups.update', [{ id: 'g', subject: 'new' }]], ['groups.update', [{ id: 'g', desc: 'new' }]]],
  contact: [['contacts.update', [{ id: 'c', notify: 'Nick' }]], ['contacts.upsert', [{ id: 'c', name: 'Name' }]]],
  chat: [['chats.update', [{ id: 'c', unreadCount: 3 }]], ['chats.update', [{ id: 'c', unreadCount: 0 }]]],
  reaction: [['messages.upsert', { type: 'notify', messages: [{ key }] }], ['messages.reaction', [reaction]]],
}
for (const [version, name] of [['6.7.24', 'six'], ['7.0.0-rc14', 'seven']]) {
  const { makeEventBuffer } = await import(name)
  for (const [what, story] of Object.entries(stories)) {
    const events = makeEventBuffer(logger)
    events.process((told) => {
      const { reactions: [{ text }] = [{}] } = told['messages.upsert']?.messages[0] ?? {}
      const said = what === 'reaction' ? `${Object.keys(told)} with ${text}` : JSON.stringify(told)
      console.log(`${version}, ${what}: ${said}`)
    })
    events.buffer()
    for (const [event, data] of story) events.emit(event, data)
    events.flush()
  }
}
process.exit(0)
JS
output=$(node run.mjs)
echo "$output"
seen='group: {"groups.update":[{"id":"g","subject":"new"}]}
contact: {"contacts.upsert":[{"id":"c","name":"Name"}]}
chat: {"chats.update":[{"id":"c","unreadCount":3}]}
reaction: messages.upsert with +'
[ "$output" = "$(sed 's/^/6.7.24, /' <<< "$seen"; sed 's/^/7.0.0-rc14, /' <<< "$seen")" ]
