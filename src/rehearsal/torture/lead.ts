import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { askedAlready } from '../fake-whatsapp/asked-already.ts'
import { type FakeWhatsApp, trust } from '../fake-whatsapp/index.ts'

/**
 * Every Baileys that the module at that path can reach by one of the names is led to the fake server, whatever it is
 * configured with by default. Resolves with the names of these.
 */
export async function lead(
  path: string,
  names: readonly string[],
  { rootKey, clientOptions }: Pick<FakeWhatsApp, 'rootKey' | 'clientOptions'>,
): Promise<readonly string[]> {
  const { resolve } = createRequire(path)
  const led: string[] = []
  for (const name of names) {
    const entry = (() => {
      try {
        return resolve(name)
      } catch {
        return undefined
      }
    })()
    if (entry === undefined) continue
    const baileys: unknown = await import(pathToFileURL(entry).href)
    const { WA_CERT_DETAILS, DEFAULT_CONNECTION_CONFIG } = Object(baileys)
    if (typeof DEFAULT_CONNECTION_CONFIG !== 'object') continue
    if (typeof WA_CERT_DETAILS === 'object') trust({ WA_CERT_DETAILS }, rootKey)
    Object.assign(DEFAULT_CONNECTION_CONFIG, clientOptions, { placeholderResendCache: askedAlready })
    led.push(name)
  }
  return led
}
