import { installedBaileys } from '../../baileys/installed.ts'
import { type Contact, type FakeWhatsApp, type Phone, startFakeWhatsApp } from '../fake-whatsapp/index.ts'
import type { HarmKind } from './harm.ts'

/** A contact of the demo, and what the power cut does to its session file. */
interface Role {
  readonly name: string
  readonly harm: HarmKind
  /** Whether it sends a message again when it is asked to; a phone that is off, or an old client, does not. */
  readonly resends: boolean
}

const roles: readonly Role[] = [
  { name: 'Ada', harm: 'foreign', resends: false },
  { name: 'Bela', harm: 'foreign', resends: false },
  { name: 'Chen', harm: 'foreign', resends: false },
  { name: 'Dana', harm: 'nul-filled', resends: false },
  { name: 'Emil', harm: 'half-written', resends: false },
  { name: 'Fatou', harm: 'foreign', resends: true },
  { name: 'Goran', harm: 'foreign', resends: true },
  { name: 'Hana', harm: 'empty', resends: true },
  { name: 'Ines', harm: 'nul-filled', resends: true },
  { name: 'Juma', harm: 'half-written', resends: true },
]

/** The phone number of the account. */
export const owner = '491700000001'

/** Who takes part: the server, the owner's phone, ten contacts. */
export interface Cast {
  readonly server: FakeWhatsApp
  readonly phone: Phone
  readonly contacts: readonly Contact[]
  readonly harms: readonly { readonly contact: Contact; readonly harm: HarmKind }[]
}

/** Starts the server and makes Baileys, as this process has it, believe in it. */
export async function gather(): Promise<Cast> {
  const server = await startFakeWhatsApp({ seed: 'demo' })
  server.trust(await installedBaileys())
  const harms = roles.map(({ name, harm, resends }) => ({ contact: server.contact(name, { resends }), harm }))
  return { server, phone: server.phone(owner), contacts: harms.map(({ contact }) => contact), harms }
}
