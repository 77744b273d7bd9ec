import { watchReceipts } from '../../baileys/receipt-watch.ts'
import { watchRetryTurns } from '../../baileys/retry-turn.ts'
import type { BaileysSocket } from '../../baileys/socket.ts'
import type { LiveSocket } from './live-socket.ts'
import type { Resources } from './resources.ts'
import { Resender } from './sent/resender.ts'
import { watchSends } from './sent/send-watch.ts'

/**
 * Follows what is sent over a socket: keeps it, counts who asks for it again, and sends again what Baileys does not
 * have. While observing nothing is sent that Baileys would not send.
 */
export function followOutbound(resources: Resources, live: LiveSocket, socket: BaileysSocket): Resender {
  const { sent, outbound, answers, mode, report } = resources
  const self = () => live.auth.state.creds.me ?? socket.user
  const sends = watchSends(socket, sent)
  live.keep(sends.stop)
  const resender = new Resender({ socket, self, sent, sends, answers, report })
  live.keep(() => resender.stop())
  live.keep(
    watchReceipts(socket, self, {
      awaitsReached: () => outbound.awaitsReached,
      onRetry: ({ id, device: jid, own }, address) =>
        outbound.asked({ address, jid, id, own, ...sentAt(resources, id) }),
      onReached: (ids, address) => {
        for (const id of ids) outbound.reached({ address, id, ...sentAt(resources, id) })
      },
    }),
  )
  if (mode === 'heal') {
    live.keep(resender.inMemoryOf7())
    live.keep(watchRetryTurns(socket, (receipt, turn) => resender.answer(receipt, turn)))
  }
  return resender
}

function sentAt({ sent }: Resources, id: string): { readonly sentAt?: number } {
  const at = sent.sentAt(id)
  return at === undefined ? {} : { sentAt: at }
}
