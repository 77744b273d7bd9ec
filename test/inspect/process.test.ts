import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { inProject } from '../root.ts'

test('an inspector holds no process open', async () => {
  const child = spawn(process.execPath, [
    '--input-type=module',
    '-e',
    `import { inspector } from ${JSON.stringify(inProject('dist/src/inspect/index.js').href)}; await inspector()`,
  ])
  expect(await once(child, 'exit')).toEqual([0, null])
})
