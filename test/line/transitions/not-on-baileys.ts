// What each of them waits for is played in virtual time in test/machines; test/model takes every one of them.

const stormWithin =
  'A storm of many devices would have to begin on exactly this rung, while the live cure of another is under way: no fault of the server begins at a state of the client. test/machines/healing.test.ts.'

const bothWays =
  'Contacts would have to stop reading what is sent while the ladder for what we cannot read has come to its end, each for minutes. test/machines/unheard.test.ts.'

/** Transitions that no test on real Baileys takes, each with the reason, and with the test that takes it elsewhere. */
export const notOnBaileys: Readonly<Record<string, string>> = {
  '  error * → stays':
    'For a service that fails where no state takes it in; every state with a service that can fail has its own way out. test/model lets each of them fail in each state.',
  'stopped.idle  event stop → stays':
    'Line.stop() sends one stop and stops the actor as soon as it is idle, so nothing reaches it any more. test/machines/commands.test.ts.',
  'stopped.closing  event stop → stays':
    'Line.stop() called again waits for the first, and sends no second stop. test/machines/commands.test.ts.',
  'online.open.degraded.judging  always [stormUnwatched] → online.open.degraded.climbing': stormWithin,
  'online.open.degraded.healing  always [stormUnwatched] → online.open.degraded.climbing': stormWithin,
  'online.open.degraded.watching  always [stormUnwatched] → online.open.degraded.climbing': stormWithin,
  'online.open.degraded.healing  after escalate [unwatched] → online.open.degraded.climbing':
    'The live cure would have to take longer than escalateAfterMs; a cure that takes long is ended by the answer or the end of its socket before. test/machines/healing.test.ts.',
  'online.open.degraded.exhausted  after nextDay → online.open.degraded.judging':
    'Waits for the day that the pruning budget counts, which no policy shortens. test/machines/healing.test.ts.',
  'online.open.degraded.exhausted  always [rungLeft] → online.open.degraded.judging':
    'A rung comes back after addressCooldownMs or with the next day, and with it the evidence would have to change. test/machines/healing.test.ts.',
  'online.open.degraded.exhausted  after tell [untold] → stays': bothWays,
  'online.open.degraded.exhausted  always [isRelieved] → online.open.degraded.judging': bothWays,
  'online.open.degraded.exhausted  always [renewalLeft] → online.open.degraded.healing': bothWays,
  'online.open  after calm [unstable] → stays':
    'The drops of a connection that comes and goes count for an hour; no policy makes that shorter. test/machines/unstable.test.ts.',
  'awaitingQr.pairing  event auth.failed [problemIs(creds)] → awaitingQr.waiting':
    'The staging area was opened one step before, and openSocket is handed what is open: with the stores of this package it does not fail again. test/machines/pairing.test.ts.',
  'awaitingQr.pairing  event auth.failed [current] → blocked':
    'The staging area was opened one step before, and openSocket is handed what is open: with the stores of this package it does not fail again. test/machines/pairing.test.ts.',
  'awaitingQr.pairing  error openSocket → awaitingQr.waiting':
    'openSocket tells all failures of connect as closes; it would have to throw while it is begun. test/machines/pairing.test.ts.',
  'online.open  after conflictOver [contested] → stays':
    'The connection would have to stand for conflict.windowMs after a 440, which no test waits for. test/machines/closes.test.ts.',
  'awaitingQr.choosing  always [windowsLeft] → awaitingQr.resting':
    'Only while observing, with credentials that died and nobody who asks for a code. test/machines/pairing.test.ts.',
  'blocked.holding  after hold [banOutlastsTimer] → blocked.holding':
    'A ban of more than a day, the longest step in which one is held. test/machines/blocked.test.ts.',
}
