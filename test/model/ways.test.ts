import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { inProject } from '../root.ts'
import { aspects } from './aspects.ts'
import { walk } from './walk.ts'

const folder = fileURLToPath(inProject('test/model/ways/'))

test.for(aspects.map((aspect, at) => [aspect.name, aspect, at] as const))(
  'every event in every state leads where it is written down, does what is written there and lets nothing else be known: %s',
  async ([name, aspect, at]) => {
    const head = `# ${name}\n\nWritten by \`npx vitest run test/model/ways.test.ts -u\`.\n\nstate | event | leads to | does | digest of what is known, shown and kept then\n--- | --- | --- | --- | ---\n`
    const text = `${head}${walk(aspect, 3).join('\n')}\n`
    await expect(text).toMatchFileSnapshot(`${folder}${at + 1}.md`)
  },
)
