import { linkedAccount } from '../account.ts'

export const codesOf = (findings: readonly { readonly code: string; readonly file?: string }[]) =>
  findings.map(({ code, file }) => (file === undefined ? code : `${code} ${file}`)).sort()

/** A linked account in which an inspection finds nothing. */
export const soundAccount = async () => {
  const account = await linkedAccount()
  const opening = await account.store.open()
  Object.assign(opening.state.creds, { nextPreKeyId: 3, firstUnuploadedPreKeyId: 1 })
  await opening.saveCreds()
  await opening.fence()
  return account
}
