import { OptionsError } from '../../errors/errors.ts'

/**
 * The state that Baileys itself is given, alone or with `saveCreds`: `{ creds, keys }`, or
 * `{ state: { creds, keys }, saveCreds }`.
 */
export function isBareState(value: unknown): boolean {
  const state = isObject(value) && isObject(value.state) ? value.state : value
  return isObject(state) && isObject(state.creds) && isObject(state.keys) && typeof state.keys.get === 'function'
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** Ten lines, for a store that keeps bytes under a key and has transactions; `db` is the owner's. */
export const tenLines = `import { FencedError, rowAuthStore } from 'baileys-lifeline/rows'
let epoch
const rows = {
  read: (table, name) => db.get(\`\${table}/\${name}\`),
  names: (table, prefix = '') => db.keysBelow(\`\${table}/\${prefix}\`, table.length + 1),
  commit: (changes) => db.transaction(async (tx) => {
    if ((await tx.get('epoch')) !== epoch) throw new FencedError('my rows')
    for (const { table, name, content } of changes) await tx.put(\`\${table}/\${name}\`, content)
  }),
  claim: async () => { epoch = await db.increment('epoch') },
  reading: (step) => step(),
  close: async () => { epoch = undefined },
}
createLifeline({ auth: rowAuthStore({ rows }), connect })`

export const whatStateLacks = (path: string): OptionsError =>
  new OptionsError(
    path,
    'This is the state that Baileys is given: creds, keys, and no more. It cannot list what it keeps, so no session in it could be found, set aside or put back; it has no transactions, and nothing that keeps two processes apart. Nothing was started.',
    `Give the rows under it:\n\n${tenLines}\n\ntestRows of baileys-lifeline/rows holds them to what they have to do.`,
  )
