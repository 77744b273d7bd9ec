import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { transformSync } from 'rolldown/utils'
import { type Mutant, mutated } from '../mutant.ts'
import { gone } from '../trials.ts'

/** A change that is not noticed in this time is not noticed. */
const patienceMs = 300_000

interface Report {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}
export interface NoticedSlowly {
  readonly test: string
  readonly title: string
}

/**
 * A copy of the project in which one file at a time is changed as it was compiled, and the package built of it: what
 * tests that start processes or a browser run.
 */
export class ChangedCopy {
  readonly #root: string
  readonly #copy: string
  /** Tests that fail with nothing changed. */
  readonly #unfit = new Set<string>()

  constructor(root: string) {
    this.#root = root
    this.#copy = mkdtempSync(join(tmpdir(), 'changed-'))
    const left = ['node_modules', '.git', 'lib'].map((name) => join(root, name))
    cpSync(root, this.#copy, { recursive: true, filter: (path) => !left.includes(path) })
    symlinkSync(join(root, 'node_modules'), join(this.#copy, 'node_modules'))
    this.#build()
  }

  /** Which of these test files fails on the change, both times that it is asked, and passes without it. */
  async noticed(fault: Mutant, tests: readonly string[]): Promise<NoticedSlowly | undefined> {
    const compiled = join(this.#copy, 'dist', fault.file.replace(/\.ts$/, '.js'))
    const before = readFileSync(compiled, 'utf8')
    const changed = plain(fault.file, mutated(readFileSync(join(this.#root, fault.file), 'utf8'), fault))
    const left = new Set(tests.filter((test) => !this.#unfit.has(test)))
    while (left.size > 0) {
      this.#put(compiled, changed)
      const found = await this.#failing([...left])
      const again = found && (await this.#failing([found.test]))
      this.#put(compiled, before)
      if (!found) return undefined
      if (again && !(await this.#failing([found.test]))) return found
      // It says nothing of the change, and would hide those behind it.
      if (again) this.#unfit.add(found.test)
      left.delete(found.test)
    }
    return undefined
  }

  #put(compiled: string, code: string): void {
    writeFileSync(compiled, code)
    this.#build()
  }

  #build(): void {
    const { status, stderr } = spawnSync('npm', ['run', '--silent', 'lib'], { cwd: this.#copy, encoding: 'utf8' })
    if (status !== 0) throw new Error(`the changed package cannot be built: ${stderr}`)
  }

  /** The first that fails. What does not come to an end in time has not failed. */
  async #failing(tests: readonly string[]): Promise<NoticedSlowly | undefined> {
    const report = join(this.#copy, 'report.json')
    rmSync(report, { force: true })
    const files = tests.map((test) => `dist/${test.replace(/\.ts$/, '.js')}`)
    const options = ['--config', 'vitest.compiled.config.ts', '--mode', 'slower', '--bail', '1']
    const child = spawn(
      process.execPath,
      ['node_modules/vitest/vitest.mjs', 'run', ...options, '--reporter', 'json', '--outputFile', report, ...files],
      { cwd: this.#copy, detached: true, stdio: 'ignore', env: { ...process.env, LIFELINE_WHOLE: '1' } },
    )
    const timer = setTimeout(() => gone(child), patienceMs)
    await once(child, 'exit')
    clearTimeout(timer)
    // What the tests have started goes with them.
    gone(child)
    const { testResults } = readReport(report)
    for (const { name, status, assertionResults } of testResults.filter((one) => one.status === 'failed')) {
      const title = assertionResults.find((one) => one.status === 'failed')?.fullName ?? `as a whole: ${status}`
      return { test: relative(join(this.#copy, 'dist'), name).replace(/\.js$/, '.ts'), title }
    }
    return undefined
  }

  close(): void {
    rmSync(this.#copy, { recursive: true, force: true })
  }
}

function readReport(path: string): Report {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Report
  } catch {
    return { testResults: [] }
  }
}

/** A source as the compiler leaves it, but for its layout. */
const plain = (file: string, source: string): string =>
  transformSync(file, source, { target: 'es2023', typescript: { rewriteImportExtensions: 'rewrite' } }).code
