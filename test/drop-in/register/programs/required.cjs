const { default: makeWASocket, DisconnectReason, useMultiFileAuthState } = require('@whiskeysockets/baileys')
require('./loop.cjs')({ makeWASocket, useMultiFileAuthState, DisconnectReason }, process.argv[2])
