import type { makeWASocket as makeV7 } from '@whiskeysockets/baileys'
import type { makeWASocket as makeV6 } from 'baileys-6'
import { test } from 'vitest'
import type { BaileysSocket } from '../../src/baileys/socket.ts'

test('the sockets of both Baileys lines are assignable to the structural type', () => {
  const v7 = (sock: ReturnType<typeof makeV7>): BaileysSocket => sock
  const v6 = (sock: ReturnType<typeof makeV6>): BaileysSocket => sock
  void v7
  void v6
})
