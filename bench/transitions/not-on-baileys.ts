// What each of them waits for is played in virtual time in test/machine; test/model takes every one of them.

const notShut =
  'Baileys is always shut off: the cut and the fence do not fail, so only a store whose fence rejects comes here. test/machine/closes.test.ts.'
const otherOwner =
  'Another process would have to take the account in the milliseconds of this step. While connected it is done in takeover.test.ts.'
const serviceFails =
  'The disk, or the owner of the store, would have to fail in this one step and not in those before. test/machine lets the service reject.'
const notWritten =
  'For a service whose failure no state takes in by itself. test/model lets each of them fail in each state.'
const longWait =
  'Waits for a day, an hour, five windows of codes, or a storm within a storm; tests on real sockets end before, or go on by a button. test/machine/healing.test.ts, closes.test.ts, blocked.test.ts.'
const button =
  'A person presses a button in this very state. The way behind it is taken from other states; from this one in test/machine/commands.test.ts and pairing.test.ts.'
const pairingEnds =
  'The server would have to refuse a client that is being paired in this way. test/machine/pairing.test.ts plays the close.'

/** Transitions that no test on real Baileys takes, each with the reason, and with the test that takes it elsewhere. */
export const notOnBaileys: Readonly<Record<string, string>> = {
  '  error * → stays': notWritten,
  'stopped.idle  event stop → stays': button,
  'stopped.closing  event stop → stays': button,
  'stopped.closing  error closeSocket → stopped.idle': notShut,
  'preparing  event relink → stays': button,
  'preparing  event pairing.request → stays': button,
  'preparing.inspecting  done prepareAuth [codeAsked] → awaitingQr': button,
  'preparing.inspecting  error prepareAuth [problemIs(not-owner)] → blocked': otherOwner,
  'online  event auth.failed [problemIs(disk)] → blocked': serviceFails,
  'online  event auth.failed [problemIs(creds)] → reconnecting': serviceFails,
  'online.open  after verify [prunedAndFine] → stays': longWait,
  'online.open.degraded.judging  always [stormUnwatched] → online.open.degraded.climbing': longWait,
  'online.open.degraded.healing  error healAddress → online.open.degraded.watching': serviceFails,
  'online.open.degraded.healing  after escalate [unwatched] → online.open.degraded.climbing': longWait,
  'online.open.degraded.healing  always [stormUnwatched] → online.open.degraded.climbing': longWait,
  'online.open.degraded.watching  always [stormUnwatched] → online.open.degraded.climbing': longWait,
  'online.open.degraded.exhausted  after nextDay → online.open.degraded.judging': longWait,
  'online.open.degraded.exhausted  always [rungLeft] → online.open.degraded.judging': longWait,
  'pruningSessions  event relink → stays': button,
  'pruningSessions.closing  error closeSocket → pruningSessions.unshut': notShut,
  'pruningSessions.unshut  after closeAgain → pruningSessions.closing': notShut,
  'pruningSessions.pruning  error pruneSessions [problemIs(not-owner)] → blocked': otherOwner,
  'pruningSessions.pruning  error pruneSessions otherwise → reconnecting': serviceFails,
  'reconnecting  event relink → awaitingQr': button,
  'reconnecting.closing  error closeSocket → reconnecting.unshut': notShut,
  'reconnecting.unshut  after closeAgain → reconnecting.closing': notShut,
  'reconnecting.waiting  event reconnect → preparing': button,
  'awaitingQr.closing  error closeSocket → awaitingQr.unshut': notShut,
  'awaitingQr.unshut  after closeAgain → awaitingQr.closing': notShut,
  'awaitingQr.choosing  always otherwise → awaitingQr.resting': longWait,
  'awaitingQr.staging  error stagePairing [problemIs(not-owner)] → blocked': otherOwner,
  'awaitingQr.staging  error stagePairing otherwise → blocked': serviceFails,
  'awaitingQr.pairing  event socket.close [verdictIs(block)] → blocked': pairingEnds,
  'awaitingQr.pairing  event socket.close [causeIs(refused, intentional, replaced, pairing-failed)] → awaitingQr.waiting':
    pairingEnds,
  'awaitingQr.pairing  event socket.close [verdictIs(pair)] → awaitingQr.waiting': pairingEnds,
  'awaitingQr.pairing  event auth.failed [problemIs(not-owner)] → blocked': otherOwner,
  'awaitingQr.pairing  event auth.failed [problemIs(creds)] → awaitingQr.waiting': serviceFails,
  'awaitingQr.pairing  event auth.failed [current] → blocked': serviceFails,
  'awaitingQr.pairing  event pairing.request [not scanned] → awaitingQr.closing': button,
  'awaitingQr.pairing  error openSocket → awaitingQr.waiting': serviceFails,
  'awaitingQr.pairing.dialling  after connectTimeout → awaitingQr.waiting': longWait,
  'awaitingQr.waiting  event pairing.request → awaitingQr.closing': button,
  'awaitingQr.waiting  event relink → awaitingQr.closing': button,
  'awaitingQr.waiting.closing  error closeSocket → awaitingQr.waiting.unshut': notShut,
  'awaitingQr.waiting.unshut  after closeAgain → awaitingQr.waiting.closing': notShut,
  'awaitingQr.promoting  event reconnect → stays': button,
  'awaitingQr.promoting.closing  error closeSocket → awaitingQr.promoting.unshut': notShut,
  'awaitingQr.promoting.unshut  after closeAgain → awaitingQr.promoting.closing': notShut,
  'awaitingQr.promoting.moving  error promotePairing [problemIs(not-owner)] → blocked': otherOwner,
  'awaitingQr.promoting.moving  error promotePairing otherwise → blocked': serviceFails,
  'awaitingQr.undoing  event reconnect → stays': button,
  'awaitingQr.undoing.unlinking  error unlinkDevice → awaitingQr.undoing.closing': serviceFails,
  'awaitingQr.undoing.closing  error closeSocket → awaitingQr.undoing.unshut': notShut,
  'awaitingQr.undoing.unshut  after closeAgain → awaitingQr.undoing.closing': notShut,
  'awaitingQr.undoing.discarding  error discardPairing [problemIs(not-owner)] → blocked': otherOwner,
  'awaitingQr.undoing.discarding  error discardPairing otherwise → blocked': serviceFails,
  'awaitingQr.resting  event pairing.request → awaitingQr.choosing': button,
  'awaitingQr.resting  event relink → awaitingQr.choosing': button,
  'awaitingQr.resting  after conflictProbe [oldCredsMayWork] → preparing': longWait,
  'conflicted  event relink → awaitingQr': button,
  'conflicted.closing  error closeSocket → conflicted.unshut': notShut,
  'conflicted.unshut  after closeAgain → conflicted.closing': notShut,
  'conflicted.waiting  after conflictProbe → preparing': longWait,
  'blocked  event relink → reconnecting': button,
  'blocked.closing  error closeSocket → blocked.unshut': notShut,
  'blocked.unshut  after closeAgain → blocked.closing': notShut,
  'blocked.holding  after hold [stillHeld] → blocked.holding': longWait,
  'awaitingQr.waiting.retrying  after retry → awaitingQr.choosing': pairingEnds,
}
