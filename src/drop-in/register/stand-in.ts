/** Where a preload keeps the function that supervises a Baileys: one for the process, whoever the stand-ins are. */
const place = Symbol.for('baileys-lifeline.supervise-imported')

type Supervise = (namespace: object, url: string) => object

/** False if another copy of the preload is at work in this process already. */
export function superviseStandIns(supervise: Supervise): boolean {
  if (Object.hasOwn(globalThis, place)) return false
  Object.defineProperty(globalThis, place, { value: supervise, enumerable: false })
  return true
}

/**
 * The code of the module that stands in the place of a Baileys: everything that it exports, and three things of ours.
 * `url`: its main file; `original`: the address under which it can be imported.
 */
export function standInSource(url: string, original: string): string {
  const [of, from, key] = [url, original, place.description].map((text) => JSON.stringify(text))
  return [
    `import * as original from ${from}`,
    `export * from ${from}`,
    `const supervised = globalThis[Symbol.for(${key})](original, ${of})`,
    'export const { makeWASocket, useMultiFileAuthState, makeCacheableSignalKeyStore } = supervised',
    'export default supervised.default',
    '',
  ].join('\n')
}
