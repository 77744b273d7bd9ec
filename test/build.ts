import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { inProject } from './root.ts'

/**
 * Compiles the package, and the programs beside it, once before the tests and never during them, since child processes
 * run what it wrote; type errors are the type check's business, what compiles is emitted all the same.
 */
export default function build(): void {
  const root = fileURLToPath(inProject('.'))
  const compiler = fileURLToPath(inProject('node_modules/typescript/bin/tsc'))
  for (const args of [[compiler], ['src/dashboard/page/gather.mjs']]) {
    const { error } = spawnSync(process.execPath, args, { cwd: root, stdio: 'ignore' })
    if (error) throw error
  }
}
