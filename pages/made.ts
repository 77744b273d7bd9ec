import { readFile } from 'node:fs/promises'
import { metricsTable } from './metrics.ts'
import { policyPage } from './policy.ts'

/** A page of the documentation that is made from the sources, whole or in part. */
export interface MadePage {
  /** From the top of the project. */
  readonly path: string
  readonly text: string
}

const place = /(<!-- made by npm run pages -->\n)[\s\S]*?(<!-- end -->)/

/** Puts a table where the page leaves a place for it. */
function filled(page: string, table: string): string {
  if (!place.test(page)) throw new Error('the page leaves no place for its table')
  return page.replace(place, (_, begin: string, end: string) => `${begin}\n${table}\n${end}`)
}

/** The pages as they have to be. `project` is the top of the project. */
export async function madePages(project: URL): Promise<readonly MadePage[]> {
  const metrics = await readFile(new URL('docs/metrics.md', project), 'utf8')
  return [
    { path: 'docs/policy.md', text: policyPage() },
    { path: 'docs/metrics.md', text: filled(metrics, await metricsTable()) },
  ]
}
