import { EventEmitter } from 'node:events'
import { expect, test, vi } from 'vitest'
import { watchDeliveries, watchRefusals } from '../../src/baileys/deliveries.ts'
import { watchTraffic } from '../../src/baileys/traffic.ts'

test('what the server delivers as it happens is heard until the end; what had waited for the login, and answers, never', () => {
  const ws = new EventEmitter()
  const came = vi.fn()
  const off = watchDeliveries({ ws }, came)
  for (const event of ['CB:message', 'CB:receipt', 'CB:notification']) {
    ws.emit(event, { attrs: { id: 'A', offline: '0' } })
    expect(came, event).not.toHaveBeenCalled()
    ws.emit(event, { attrs: { id: 'A' } })
    expect(came.mock.calls.splice(0), event).toEqual([[]])
  }
  ws.emit('CB:iq', { attrs: {} })
  off()
  ws.emit('CB:message', { attrs: {} })
  expect([came.mock.calls, ws.eventNames()]).toEqual([[], []])
})

test('a message of ours that the server does not take is told with its id and why, until the end', () => {
  const ws = new EventEmitter()
  const refused = vi.fn()
  const off = watchRefusals({ ws }, refused)
  const acknowledged = (stanza: unknown) => ws.emit('CB:ack,class:message', stanza)
  const nothing = [undefined, {}, { attrs: { id: 'A' } }, { attrs: { error: '479' } }]
  for (const stanza of [...nothing, { attrs: { id: 7, error: '479' } }, { attrs: { id: 'A', error: 479 } }])
    acknowledged(stanza)
  expect(refused).not.toHaveBeenCalled()
  acknowledged({ attrs: { id: 'A', error: '479' } })
  off()
  acknowledged({ attrs: { id: 'B', error: '479' } })
  expect([refused.mock.calls, ws.eventNames()]).toEqual([[['A', '479']], []])
})

test('messages in either direction are noted by the clock that was given, until the end', () => {
  const ws = new EventEmitter()
  const passed = vi.fn()
  let now = 5
  const off = watchTraffic({ ws }, passed, () => now)
  ws.emit('CB:message', {})
  now = 8
  ws.emit('CB:ack,class:message', {})
  off()
  ws.emit('CB:message', {})
  ws.emit('CB:ack,class:message', {})
  expect(passed.mock.calls).toEqual([[{ lastInboundAt: 5 }], [{ lastOutboundAt: 8 }]])
  expect(ws.eventNames()).toEqual([])
})
