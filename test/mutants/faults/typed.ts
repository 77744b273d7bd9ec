import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Mutant, mutated } from '../mutant.ts'

const tsc = 'node_modules/typescript/bin/tsc'

/**
 * Those that type-check: what the compiler notices needs no test. Each stands as a file of its own beside the source
 * that it comes from, in a copy of the sources, so that one run of the compiler judges them all. Whether an import or
 * a name is still in use is not asked: whoever takes a condition away takes these along.
 */
export async function typeChecked(root: string, faults: readonly Mutant[]): Promise<readonly Mutant[]> {
  const copy = mkdtempSync(join(tmpdir(), 'faults-'))
  try {
    for (const folder of ['src', 'machines']) cpSync(join(root, folder), join(copy, folder), { recursive: true })
    cpSync(join(root, 'package.json'), join(copy, 'package.json'))
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
    const at = (fault: Mutant, index: number): string => fault.file.replace(/\.ts$/, `.fault-${index}.ts`)
    for (const [index, fault] of faults.entries())
      writeFileSync(join(copy, at(fault, index)), mutated(readFileSync(join(root, fault.file), 'utf8'), fault))
    const { compilerOptions } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')) as {
      readonly compilerOptions: Readonly<Record<string, unknown>>
    }
    const { tsBuildInfoFile: _, ...options } = compilerOptions
    const off = { noEmit: true, incremental: false, declaration: false, sourceMap: false, inlineSources: false }
    const lenient = { noUnusedLocals: false, noUnusedParameters: false }
    writeFileSync(
      join(copy, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { ...options, ...off, ...lenient }, files: faults.map(at) }),
    )
    const child = spawn(process.execPath, [join(root, tsc), '-p', copy, '--pretty', 'false'], { cwd: copy })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += String(data)))
    await once(child, 'close')
    const wrong = new Set([...said.matchAll(/^\S+\.fault-(\d+)\.ts\(/gm)].map(([, index]) => Number(index)))
    const elsewhere = said.split('\n').find((line) => /^\S/.test(line) && !/\.fault-\d+\.ts\(/.test(line))
    if (elsewhere !== undefined) throw new Error(`the compiler says: ${elsewhere}`)
    return faults.filter((_, index) => !wrong.has(index))
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}
