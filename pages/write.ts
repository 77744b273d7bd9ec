import { writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { pageOfNames, pagesOfTables } from './made.ts'

// Run by npm in the root of the package.
const project = pathToFileURL('./')
for (const { path, text } of [await pageOfNames(project), ...(await pagesOfTables(project))]) {
  await writeFile(new URL(path, project), text)
  console.log(path)
}
process.exit(0)
