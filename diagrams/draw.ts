import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { drawings } from './drawings.ts'

// Run by npm in the root of the package; compiled code lies elsewhere, the pictures lie here.
for (const { name, content } of await drawings()) {
  const bytes = content()
  await writeFile(join('diagrams', name), bytes)
  console.log(`diagrams/${name}  ${(bytes.length / 1024).toFixed(0)} kB`)
}
