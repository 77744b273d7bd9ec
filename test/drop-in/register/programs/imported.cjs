import('@whiskeysockets/baileys').then((baileys) => require('./loop.cjs')(baileys, process.argv[2]))
