import type { proto } from '../../baileys/baileys-types.ts'
import type { Device, Registration } from './account.ts'
import { type Fault, faults } from './fault.ts'
import type { ClientFinish } from './noise.ts'
import type { ServerState } from './server-state.ts'

/** What a client brings that has no account yet; undefined for one that logs in. */
export function registrationIn({ payload, staticKey }: ClientFinish): Registration | undefined {
  const pairing = payload.devicePairingData
  if (!pairing) return undefined
  return {
    noiseKey: staticKey,
    registrationId: unsigned(pairing.eRegid),
    identityKey: Buffer.from(pairing.eIdent ?? []),
    signedPreKey: {
      keyId: unsigned(pairing.eSkeyId),
      publicKey: Buffer.from(pairing.eSkeyVal ?? []),
      signature: Buffer.from(pairing.eSkeySig ?? []),
    },
  }
}

export function accountNumber(payload: proto.IClientPayload): string {
  return String(payload.username ?? '')
}

/** The device that logs in, if its noise key is the one that was paired; otherwise what it is told. */
export function admit(
  finish: ClientFinish,
  state: ServerState,
): { device: Device } | { refusal: Fault & { reason: number } } {
  const account = state.accounts.get(accountNumber(finish.payload))
  const device = account?.devices.get(finish.payload.device ?? 0)
  return device?.noiseKey.equals(finish.staticKey) ? { device } : { refusal: faults.loggedOut }
}

function unsigned(bytes: Uint8Array | null | undefined): number {
  return bytes?.length ? Buffer.from(bytes).readUIntBE(0, bytes.length) : 0
}
