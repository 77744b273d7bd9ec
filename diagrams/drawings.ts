import { connectionMachine } from '../machines/connection.ts'
import { graphOf } from '../src/diagram/graph.ts'
import { toJson } from '../src/diagram/json.ts'
import { toMermaid } from '../src/diagram/mermaid.ts'
import { chartPicture } from './chart-picture.ts'
import { overviewMermaid } from './overview-mermaid.ts'
import { overviewPicture } from './overview-picture.ts'
import { type Scheme, stylesheet } from './paint.ts'
import { toPng } from './png.ts'
import { document, type Picture } from './svg.ts'

/** Pixels of a PNG for one of its SVG: the overview stays sharp on dense screens, the full chart is large as it is. */
export const zooms = { overview: 2, connection: 1.5 } as const

/** A file of this folder, as it should be. */
export interface Drawing {
  readonly name: string
  /** Made when asked for: pixels take a while. */
  readonly content: () => string | Buffer
}

function files(name: keyof typeof zooms, picture: Picture): readonly Drawing[] {
  const painted = (scheme: Scheme): string => document(picture, stylesheet(scheme))
  return [
    { name: `${name}.svg`, content: () => painted('both') },
    { name: `${name}.png`, content: () => toPng(painted('light'), zooms[name]) },
    { name: `${name}-dark.png`, content: () => toPng(painted('dark'), zooms[name]) },
  ]
}

/** Every file of this folder that is drawn from the machine. The same bytes for the same machine. */
export async function drawings(): Promise<readonly Drawing[]> {
  const graph = graphOf(connectionMachine.root)
  return [
    ...files('overview', overviewPicture(graph)),
    ...files('connection', await chartPicture(graph)),
    { name: 'overview.mmd', content: overviewMermaid },
    { name: 'connection.mmd', content: () => toMermaid(graph) },
    { name: 'connection.json', content: () => toJson(connectionMachine.root) },
  ]
}
