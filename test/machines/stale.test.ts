import { expect, test } from 'vitest'
import type { SocketEvent } from '../../machines/index.ts'
import { places, rigAt } from './places.ts'
import { cause } from './world.ts'

const from = (generation: number): readonly SocketEvent[] => [
  { type: 'socket.open', generation, self: { id: 'late@s.whatsapp.net' } },
  { type: 'socket.close', generation, cause: cause('logged-out') },
  { type: 'socket.close', generation, cause: cause('qr-window-over') },
  { type: 'socket.close', generation, cause: cause('restart-required') },
  { type: 'socket.close', generation, cause: cause('banned') },
  { type: 'socket.close', generation, cause: cause('closed') },
  { type: 'socket.qr', generation, code: 'late', expiresAt: Number.MAX_SAFE_INTEGER },
  { type: 'socket.pairingCode', generation, code: 'late' },
  { type: 'socket.codeRefused', generation, code: 429 },
  { type: 'socket.scanned', generation },
  { type: 'socket.paired', generation },
  { type: 'liveness.lost', generation, cause: cause('deaf') },
  { type: 'auth.failed', generation, problem: { kind: 'disk', message: 'late' } },
  { type: 'auth.failed', generation, problem: { kind: 'not-owner', message: 'late' } },
  { type: 'auth.failed', generation, problem: { kind: 'creds', message: 'late' } },
]

test.for(places)('nothing that an older socket says changes anything in %s', async (place) => {
  const rig = await rigAt(place)
  const { value, context } = rig.actor.getSnapshot()
  for (const event of from(context.generation - 1)) {
    rig.send(event)
    expect(rig.actor.getSnapshot().context, event.type).toBe(context)
    expect(rig.actor.getSnapshot().value).toEqual(value)
  }
})
