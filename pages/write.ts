import { writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { madePages } from './made.ts'

// Run by npm in the root of the package.
const project = pathToFileURL('./')
for (const { path, text } of await madePages(project)) {
  await writeFile(new URL(path, project), text)
  console.log(path)
}
process.exit(0)
