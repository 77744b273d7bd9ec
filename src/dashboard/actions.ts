import type { DashboardLine } from './lines.ts'
import { Refusal } from './refusal.ts'
import type { ActionName, ActionView } from './wire.ts'

type Body = Readonly<Record<string, unknown>>

const done: ActionView = { ok: true }

const text = (body: Body, name: string, most: number): string => {
  const value = body[name]
  if (typeof value === 'string' && value !== '' && value.length <= most) return value
  throw new Refusal(400, 'BODY_INVALID', `The field ${name} is missing or too long.`, `Send it as {"${name}": "…"}.`)
}

/** What a person may ask for, each as the line does it. */
const actions: Readonly<Record<ActionName, (line: DashboardLine, body: Body) => Promise<ActionView>>> = {
  reconnect: (line) => line.reconnect().then(() => done),
  'prune-failing': (line) => line.prune('failing').then(() => done),
  'prune-all': (line) => line.prune('all').then(() => done),
  relink: (line) => line.relink().then(() => done),
  restore: async (line, body) => {
    const restored = await line.restore(text(body, 'id', 200), { force: body.force === true })
    return { ok: true, restored }
  },
  'pairing-code': async (line, body) => ({
    ok: true,
    pairingCode: await line.requestPairingCode(text(body, 'phone', 40)),
  }),
}

const isAction = (name: string): name is ActionName => Object.hasOwn(actions, name)

/** Does it, or throws what the line says against it. */
export function act(line: DashboardLine, name: string, body: Body): Promise<ActionView> {
  if (!isAction(name))
    throw new Refusal(
      404,
      'ACTION_UNKNOWN',
      'There is no such action.',
      `Actions are ${Object.keys(actions).join(', ')}.`,
    )
  return actions[name](line, body)
}
