import type { Policy } from '../../machines/index.ts'
import { dayMs } from './world.ts'

/** Baileys' own: a failed commit is tried ten times, three seconds apart; a read behind it waits. */
const commitsMs = 30_000
/** A process supervisor's pause, and a lock of a host that is gone. */
const restartMs = 15_000 + 60_000

/**
 * How long it may take from the end of all faults until the account is healthy and every contact's messages are read,
 * whatever state it was in.
 * - A dead link is noticed: the silence, half of it again for the tick, the ping's deadline.
 * - The longest wait that is running ends: the slow cadence, or an hour's hold or probe.
 * - Two dials, each up to the deadline of the connection and that of the close: the first may still be one that began
 *   in trouble.
 * - Unread messages are healed: grace and window until they are judged, the live cure's time, a prune of the failing, a
 *   prune of all, each watched for its effect.
 * - A budget that was used up before is there again a day later, and the ladder is climbed once more.
 */
export function healthyWithinMs({ reconnect, decrypt, prune, conflict, liveness }: Policy): number {
  const noticed = liveness.silenceMs * 1.5 + liveness.probeTimeoutMs + commitsMs
  const waited = Math.max(reconnect.slowMaxMs, conflict.probeMs)
  const dialled = 2 * (reconnect.connectTimeoutMs + 2 * reconnect.closeTimeoutMs + conflict.retryMaxMs) + restartMs
  const ladder = decrypt.graceMs + decrypt.windowMs + decrypt.escalateAfterMs + 2 * (prune.verifyMs + dialled)
  const renewed = Math.max(dayMs, prune.addressCooldownMs)
  return noticed + waited + dialled + ladder + renewed + ladder
}
