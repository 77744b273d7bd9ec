import { type AuthenticationCreds, initAuthCreds, proto } from '@whiskeysockets/baileys'

/** Marks creds as linked, as a completed pairing does. */
export const link = (creds: AuthenticationCreds, user = '491700000001'): AuthenticationCreds =>
  Object.assign(creds, {
    me: { id: `${user}:7@s.whatsapp.net`, name: 'Gateway' },
    account: proto.ADVSignedDeviceIdentity.fromObject({
      details: Buffer.from('details'),
      accountSignatureKey: Buffer.alloc(32, 1),
      accountSignature: Buffer.alloc(64, 2),
      deviceSignature: Buffer.alloc(64, 3),
    }),
  })

export const linkedCreds = (user?: string): AuthenticationCreds => link(initAuthCreds(), user)
