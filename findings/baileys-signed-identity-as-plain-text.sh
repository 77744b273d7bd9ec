#!/usr/bin/env bash
# @whiskeysockets/baileys 7.0.0-rc14 (6.7.24 does the same)
#
# Guess: the bytes of `creds.account` stand in creds.json as all other bytes do, as {"type":"Buffer","data":"…"}, and
#        come back as bytes.
# Seen:  they are plain base64 texts, and come back as texts: the object is a protobuf message, whose toJSON() is asked
#        before BufferJSON's replacer. It works all the same, since protobufjs takes base64 where it wants bytes. A
#        check of creds.json that asks for bytes calls every linked account damaged.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @whiskeysockets/baileys@7.0.0-rc14 >/dev/null
cat > run.mjs <<'JS'
import { BufferJSON, initAuthCreds, proto } from '@whiskeysockets/baileys'
const account = proto.ADVSignedDeviceIdentity.fromObject({
  details: Buffer.alloc(3, 1),
  accountSignature: Buffer.alloc(3, 2),
  deviceSignature: Buffer.alloc(3, 3),
})
const stored = JSON.parse(JSON.stringify({ ...initAuthCreds(), account }, BufferJSON.replacer), BufferJSON.reviver)
const again = Buffer.from(proto.ADVSignedDeviceIdentity.encode(stored.account).finish())
console.log(typeof stored.account.details, stored.noiseKey.public.constructor.name)
console.log(again.equals(Buffer.from(proto.ADVSignedDeviceIdentity.encode(account).finish())))
JS
output=$(node run.mjs)
echo "$output"
[ "$output" = $'string Buffer\ntrue' ]
