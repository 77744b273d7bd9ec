import { type Command, isSameNumber, type Policy } from '../../machines/index.ts'
import { LifelineError } from '../errors/errors.ts'
import { phoneDigits } from './phone-digits.ts'
import type { Host } from './services/host.ts'
import type { Supervisor } from './supervisor.ts'
import { untilStatus, type Waitable } from './waits.ts'

interface CommandParts {
  readonly line: Waitable
  readonly host: Host
  readonly policy: Policy
  /** The only number that may link, digits only. */
  readonly expectedNumber: string | undefined
  readonly supervisor: () => Supervisor | undefined
}

const refusals: Partial<Record<Command['type'], string>> = {
  prune:
    'The budget of the policy (prune.addressPerDay, prune.allPerDay, prune.addressCooldownMs) may be used up, nothing may be failing, or the mode is observe.',
  'pairing.request': 'A pairing code needs a state that awaits one; call relink() first to replace a linked account.',
}

/** What a person, or the gateway, may ask of a line. Each is taken by the statechart, or refused with the reason. */
export class LineCommands {
  readonly #parts: CommandParts

  constructor(parts: CommandParts) {
    this.#parts = parts
  }

  reconnect(): void {
    const { line, host } = this.#parts
    // From a code on show back to the old credentials, even if a scanned pairing that never opened waits in the staging area.
    if (line.status.state === 'awaitingQr') host.ownCreds = true
    this.#send({ type: 'reconnect' })
  }

  relink(): void {
    this.#send({ type: 'relink' })
  }

  async prune(scope: 'failing' | 'all'): Promise<void> {
    if (scope !== 'failing' && scope !== 'all')
      throw new LifelineError('SCOPE_INVALID', `There is no scope ${String(scope)}.`, "Use 'failing' or 'all'.")
    this.#send({ type: 'prune', scope })
    // Called from a listener, the command waits until the statechart has finished the step that is being told.
    await Promise.resolve()
    await untilStatus(this.#parts.line, (status) => status.state !== 'pruningSessions')
  }

  async pairingCode(phone: string): Promise<string> {
    const digits = phoneDigits(String(phone))
    if (digits === undefined)
      throw new LifelineError(
        'PHONE_INVALID',
        'That is no phone number.',
        'Give it with its country code, digits only, e.g. 4917012345678.',
      )
    const { line, policy, expectedNumber } = this.#parts
    if (expectedNumber !== undefined && !isSameNumber(digits, expectedNumber))
      throw new LifelineError(
        'NUMBER_UNEXPECTED',
        'That is not the number that this account expects.',
        'Give the number of the option expectedNumber, or change that option.',
      )
    await untilStatus(line, ({ state }) => state !== 'preparing')
    this.#send({ type: 'pairing.request', phone: digits })
    await Promise.resolve()
    const { connectTimeoutMs, closeTimeoutMs } = policy.reconnect
    const shown = await untilStatus(
      line,
      ({ state, qr }) => state !== 'awaitingQr' || qr?.pairingCode !== undefined,
      connectTimeoutMs + closeTimeoutMs,
    )
    if (shown.qr?.pairingCode !== undefined) return shown.qr.pairingCode
    throw new LifelineError(
      'PAIRING_CODE_FAILED',
      `No pairing code came: ${shown.message}`,
      'See the log for what went wrong, and ask again while a code is needed.',
    )
  }

  #send(command: Command): void {
    const { line, supervisor } = this.#parts
    const { state } = line.status
    const running = supervisor()
    if (!running || running.ended || state === 'stopped')
      throw new LifelineError(
        'STOPPED',
        `Supervision is stopped, so ${command.type} was not done.`,
        'Call start() first.',
      )
    if (!running.takes(command))
      throw new LifelineError(
        'REFUSED',
        `${command.type} is not possible while ${state}.`,
        refusals[command.type] ?? 'Try again when the state has changed.',
      )
    running.send(command)
  }
}
