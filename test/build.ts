import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Compiles the package once before the tests; type errors are the type check's business, what compiles is emitted all the same. */
export default function build(): void {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const compiler = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url))
  const { error } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'ignore' })
  if (error) throw error
}
