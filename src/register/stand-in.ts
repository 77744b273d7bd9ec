/**
 * The code of the module that stands in the place of a Baileys: everything that it exports, and three things of ours.
 */
export function standInSource(original: string): string {
  const [from, imported] = [original, new URL('./imported.js', import.meta.url).href].map((url) => JSON.stringify(url))
  return [
    `import * as original from ${from}`,
    `import { superviseImported } from ${imported}`,
    `export * from ${from}`,
    `const supervised = superviseImported(original, ${from})`,
    'export const { makeWASocket, useMultiFileAuthState, makeCacheableSignalKeyStore } = supervised',
    'export default supervised.default',
    '',
  ].join('\n')
}
