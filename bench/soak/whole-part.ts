import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { importsOf, sources } from '../../test/project/imports.ts'
import { inProject } from '../../test/root.ts'
import { isSlow } from '../../test/share.ts'
import type { Part } from './part.ts'

const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'vitest.compiled.config.ts', '--mode', 'whole']

const isShared = (file: string): boolean => importsOf(file).some(({ to }) => to === 'test/share.ts')
const hasSlow = (file: string): boolean => isSlow(readFileSync(inProject(file), 'utf8'))

/** Everything of which `npm test` does a share each day, once and whole. */
export function wholePart(): Part {
  const counted = sources.filter((file) => file.endsWith('.test.ts') && (isShared(file) || hasSlow(file)))
  const files = counted.map((file) => `dist/${file.replace(/ts$/, 'js')}`)
  const failures: string[] = []
  let done = false
  return {
    failures,
    work: async () => {
      if (done) return
      done = true
      const env = { ...process.env, LIFELINE_WHOLE: '1' }
      const child = spawn(process.execPath, [...vitest, ...files], { cwd: fileURLToPath(inProject('.')), env })
      let said = ''
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (data) => {
          said += String(data)
        })
      const [code] = await once(child, 'close')
      if (code !== 0) failures.push(`the slow and counted tests, whole:\n${said}`)
    },
    over: () => done,
    said: () => `slow and counted tests, whole: ${counted.length} files${done ? '' : ', not run'}`,
  }
}
