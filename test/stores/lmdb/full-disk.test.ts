import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { inProject } from '../../root.ts'
import { slow } from '../../share.ts'
import { freshFolder } from '../account.ts'

const entry = inProject('dist/src/stores/lmdb/index.js').href

/** What a process does whose files may grow to 400 KiB only: LMDB's writes fail past that, as on a full disk. */
const program = `
import { lmdbAuthStore } from ${JSON.stringify(entry)}
const unhandled = []
process.on('unhandledRejection', (error) => unhandled.push(String(error)))
const store = lmdbAuthStore(process.argv[1])
await store.acquire()
const { state, saveCreds } = await store.open({ mint: true })
await saveCreds()
let acknowledged = -1
const errors = []
for (let at = 0; at < 30; at++) {
  try {
    await state.keys.set({ session: { a: { at }, ['b' + at]: { fill: 'y'.repeat(50_000) } } })
    acknowledged = at
  } catch (error) { errors.push([error.code, error.errno]) }
}
const { a } = await state.keys.get('session', ['a'])
await state.keys.set({ session: { b0: null, b1: null, b2: null } })
await state.keys.set({ session: { a: { at: 'again' } } })
await store.release()
await store.acquire()
const again = (await (await store.open()).state.keys.get('session', ['a'])).a
await store.release()
await new Promise((resolve) => setImmediate(resolve))
process.stdout.write(JSON.stringify({ acknowledged, a, again, errors: errors.length, first: errors[0], unhandled }), () => process.exit(0))
`

test.skipIf(process.platform === 'win32')(
  'a write that finds no room rejects and changes nothing, and the store goes on once there is some',
  { tags: [slow] },
  async () => {
    const limited = `ulimit -f 400; exec "$0" --input-type=module -e "$1" "$2"`
    const run = promisify(execFile)
    const { stdout } = await run('bash', ['-c', limited, process.execPath, program, await freshFolder()], {
      cwd: fileURLToPath(inProject('.')),
    })
    const { acknowledged, a, again, errors, first, unhandled } = JSON.parse(stdout)
    expect(errors).toBeGreaterThan(0)
    expect(first).toEqual(['AUTH_STORE_DISK', expect.stringMatching(/^E(FBIG|IO|NOSPC)$/)])
    expect(a).toEqual({ at: acknowledged })
    expect(again).toEqual({ at: 'again' })
    expect(unhandled).toEqual([])
  },
)
