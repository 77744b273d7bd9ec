import { LifelineError } from '../errors/errors.ts'
import type { Lifeline } from '../line/lifeline.ts'

/** What may be asked of an account from any host. */
export type FleetCommand =
  | { readonly type: 'reconnect' }
  | { readonly type: 'prune'; readonly scope: 'failing' | 'all' }
  | { readonly type: 'relink' }
  | { readonly type: 'pairing-code'; readonly phone: string }
  | { readonly type: 'restore'; readonly id: string; readonly force: boolean }
  | { readonly type: 'stop' }

type OnLine = Exclude<FleetCommand, { readonly type: 'stop' }>

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
const textIn = (value: object, name: string): string => {
  const text: unknown = Reflect.get(value, name)
  if (typeof text === 'string' && text.length <= 300) return text
  throw new LifelineError('COMMAND_INVALID', `A command came without ${name}.`, 'Run one version on all hosts.')
}

/** What came from another host, which may run another version. Throws `LifelineError` of code `COMMAND_INVALID`. */
export function commandOf(value: unknown): FleetCommand {
  const type = isObject(value) ? Reflect.get(value, 'type') : undefined
  if (isObject(value)) {
    if (type === 'reconnect' || type === 'relink' || type === 'stop') return { type }
    if (type === 'prune') return { type, scope: textIn(value, 'scope') === 'all' ? 'all' : 'failing' }
    if (type === 'pairing-code') return { type, phone: textIn(value, 'phone') }
    if (type === 'restore') return { type, id: textIn(value, 'id'), force: Reflect.get(value, 'force') === true }
  }
  throw new LifelineError('COMMAND_INVALID', 'A command of an unknown kind came.', 'Run one version on all hosts.')
}

/** Does it here; what it gives travels back. */
export async function done(line: Lifeline, command: OnLine): Promise<unknown> {
  switch (command.type) {
    case 'reconnect':
      return line.reconnect()
    case 'relink':
      return line.relink()
    case 'prune':
      return line.prune(command.scope)
    case 'pairing-code':
      return line.requestPairingCode(command.phone)
    case 'restore':
      return line.restore(command.id, { force: command.force })
  }
}

/** What an answer says. */
export type Answer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: string; readonly message: string; readonly remediation: string }

export async function answered(step: () => Promise<unknown>): Promise<Answer> {
  try {
    return { ok: true, value: (await step()) ?? null }
  } catch (error) {
    if (error instanceof LifelineError)
      return { ok: false, code: error.code, message: error.message, remediation: error.remediation }
    return { ok: false, code: 'COMMAND_FAILED', message: 'The command failed.', remediation: "See that host's log." }
  }
}

/** The value of an answer; throws what the other host said against it. */
export function answerValue(content: unknown): unknown {
  if (isObject(content) && 'ok' in content) {
    if (content.ok === true) return Reflect.get(content, 'value')
    throw new LifelineError(textIn(content, 'code'), textIn(content, 'message'), textIn(content, 'remediation'))
  }
  throw new LifelineError('COMMAND_FAILED', 'An answer came that cannot be read.', 'Run one version on all hosts.')
}
