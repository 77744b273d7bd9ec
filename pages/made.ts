import { readFile } from 'node:fs/promises'
import { metricsTable } from './metrics.ts'
import { policyPage } from './policy.ts'
import { referencePage } from './reference.ts'

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

/** What the package's names are exported from, by the name of its types in `lib/`; the preload has none. */
export async function doors(project: URL): Promise<readonly string[]> {
  const { exports } = JSON.parse(await readFile(new URL('package.json', project), 'utf8')) as { exports: object }
  const paths = Object.keys(exports).filter((path) => !/register|package\.json/.test(path))
  return paths.map((path) => (path === '.' ? 'index' : path.slice(2)))
}

/** The page on the public names as it has to be. `project` is the top of the project, with `lib/` built. */
export async function pageOfNames(project: URL): Promise<MadePage> {
  return { path: 'docs/api.md', text: await referencePage(project, await doors(project)) }
}

/** The pages as they have to be that hold a table of the sources. `project` is the top of the project. */
export async function pagesOfTables(project: URL): Promise<readonly MadePage[]> {
  const metrics = await readFile(new URL('docs/metrics.md', project), 'utf8')
  return [
    { path: 'docs/policy.md', text: policyPage() },
    { path: 'docs/metrics.md', text: filled(metrics, await metricsTable()) },
  ]
}
