import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { drawings } from './drawings.ts'

// Run by npm in the root of the package; compiled code lies elsewhere, the pictures lie here.
for (const [name, content] of await drawings()) {
  await writeFile(join('diagrams', name), content)
  console.log(`diagrams/${name}  ${(content.length / 1024).toFixed(0)} kB`)
}
