import { type Command, isSameNumber, type Policy, pruneRefusal, type Status } from '../../machines/index.ts'
import { isOpen } from '../../machines/open-states.ts'
import { stateWords } from '../../machines/state-words.ts'
import type { BaileysSocket } from '../baileys/socket.ts'
import { LifelineError } from '../errors/errors.ts'
import { phoneDigits } from './phone-digits.ts'
import type { Resources } from './services/resources.ts'
import type { Supervisor } from './supervisor.ts'
import { untilStatus, type Waitable } from './waits.ts'

interface CommandParts {
  readonly line: Waitable
  readonly resources: Resources
  readonly policy: Policy
  /** The only number that may link, digits only. */
  readonly expectedNumber: string | undefined
  readonly supervisor: () => Supervisor | undefined
}

/** A pairing code that was asked for; `shown` once it has come. */
interface AskedCode {
  readonly phone: string
  readonly custom: string | undefined
  readonly code: Promise<string>
  shown?: string
}

/** States in which sessions can be set aside if a person asks. */
const prunable: ReadonlySet<Status['state']> = new Set(['connecting', 'healthy', 'degraded', 'reconnecting'])

/** It is connected again; or the first try has failed, or cannot be made: then supervision goes on as always. */
const isPruneOver = ({ state, lastClose }: Status, before: Status['lastClose']): boolean =>
  isOpen(state) || !onItsWay.has(state) || (lastClose !== undefined && lastClose.at !== before?.at)

const onItsWay: ReadonlySet<Status['state']> = new Set(['pruningSessions', 'reconnecting', 'preparing', 'connecting'])

/** What a person, or the gateway, may ask of a line. Each is taken by the statechart, or refused with the reason. */
export class LineCommands {
  readonly #parts: CommandParts
  #asked: AskedCode | undefined

  constructor(parts: CommandParts) {
    this.#parts = parts
  }

  /** Tells WhatsApp that this device is unlinked, over the socket of the account. */
  async unlink(socket: BaileysSocket | undefined): Promise<void> {
    const { line, policy } = this.#parts
    // Without supervision, or while a code is needed, no device is linked that could be unlinked.
    if (line.status.state === 'stopped' || line.status.state === 'awaitingQr') return
    if (!socket?.logout)
      throw new LifelineError(
        'NOT_CONNECTED',
        'There is no connection to log out over.',
        'Try again once the account is connected, or unlink the device on the phone.',
      )
    // Without the owner's words: the statechart knows Baileys' own.
    await socket.logout()
    const { closeTimeoutMs } = policy.reconnect
    await untilStatus(line, ({ state }) => state === 'stopped', 2 * closeTimeoutMs)
  }

  reconnect(): void {
    this.#send({ type: 'reconnect' })
  }

  relink(): void {
    this.#send({ type: 'relink' })
  }

  async prune(scope: 'failing' | 'all'): Promise<void> {
    if (scope !== 'failing' && scope !== 'all')
      throw new LifelineError('SCOPE_INVALID', `There is no scope ${String(scope)}.`, "Use 'failing' or 'all'.")
    const { line, supervisor } = this.#parts
    const verifying = () => supervisor()?.actor.getSnapshot().context.verifying
    const before = verifying()
    const { lastClose } = line.status
    this.#send({ type: 'prune', scope })
    // Called from a listener, the command waits until the statechart has finished the step that is being told.
    await Promise.resolve()
    const { state, message, remediation } = await untilStatus(line, (status) => status.state !== 'pruningSessions')
    if (verifying() === before)
      throw state === 'stopped'
        ? new LifelineError('STOPPED', 'Supervision was stopped before the sessions were set aside.', 'Call start().')
        : new LifelineError('PRUNE_FAILED', `No session was set aside: ${message}`, remediation ?? 'See the log.')
    await untilStatus(line, (status) => isPruneOver(status, lastClose))
  }

  /**
   * Asked for again while its code is on its way or shown, as gateways do with each code that rotates, it is the same
   * one.
   */
  pairingCode(phone: string, custom?: string): Promise<string> {
    const asked = this.#asked
    if (asked && asked.phone === phone && asked.custom === custom && (asked.shown === undefined || this.#shows(asked)))
      return asked.code
    const asking: AskedCode = { phone, custom, code: this.#pairingCode(phone, custom) }
    this.#asked = asking
    asking.code.then(
      (code) => {
        asking.shown = code
      },
      () => {
        if (this.#asked === asking) this.#asked = undefined
      },
    )
    return asking.code
  }

  #shows({ shown }: AskedCode): boolean {
    const { state, qr } = this.#parts.line.status
    return state === 'awaitingQr' && qr?.pairingCode === shown
  }

  async #pairingCode(phone: string, custom: string | undefined): Promise<string> {
    const digits = phoneDigits(String(phone))
    if (digits === undefined)
      throw new LifelineError(
        'PHONE_INVALID',
        'This is not a phone number.',
        'Give it with its country code, digits only, e.g. 4917012345678.',
      )
    const { line, resources, policy, expectedNumber, supervisor } = this.#parts
    if (expectedNumber !== undefined && !isSameNumber(digits, expectedNumber))
      throw new LifelineError(
        'NUMBER_UNEXPECTED',
        'This is not the number that this account expects.',
        'Give the number of the option expectedNumber, or change that option.',
      )
    if (custom !== undefined && !/^[0-9A-Za-z]{8}$/.test(String(custom)))
      throw new LifelineError(
        'PAIRING_CODE_INVALID',
        'This is not a pairing code.',
        'Give 8 letters or digits, or leave it out: then Baileys makes one.',
      )
    await untilStatus(line, ({ state }) => state !== 'preparing')
    resources.pairingCode = custom
    this.#send({ type: 'pairing.request', phone: digits })
    const { connectTimeoutMs, closeTimeoutMs } = policy.reconnect
    const refused = () => supervisor()?.actor.getSnapshot().context.pair.refusal !== undefined
    const shown = await untilStatus(
      line,
      ({ state, qr }) => state !== 'awaitingQr' || qr?.pairingCode !== undefined || refused(),
      connectTimeoutMs + closeTimeoutMs,
    )
    if (shown.qr?.pairingCode !== undefined) return shown.qr.pairingCode
    throw new LifelineError(
      'PAIRING_CODE_FAILED',
      `No pairing code came: ${shown.message}`,
      (refused() ? shown.remediation : undefined) ??
        'See the log for what went wrong, and ask again while a code is needed.',
    )
  }

  #send(command: Command): void {
    const { line, supervisor } = this.#parts
    const { state } = line.status
    const running = supervisor()
    if (!running || running.ended || state === 'stopped')
      throw new LifelineError('STOPPED', 'Supervision is stopped, so nothing was done.', 'Call start().')
    const takes = running.takes(command)
    const refusal =
      takes || command.type !== 'prune' || !prunable.has(state)
        ? undefined
        : pruneRefusal(running.actor.getSnapshot().context, command.scope)
    if (refusal) throw new LifelineError('REFUSED', refusal.message, refusal.remediation)
    if (!takes)
      throw new LifelineError(
        'REFUSED',
        `Not possible in this state: ${stateWords[state]}.`,
        command.type === 'pairing.request'
          ? 'A pairing code comes while a code is awaited. To link a linked account anew, use relink() first.'
          : 'Try again when the state has changed.',
      )
    running.send(command)
  }
}
