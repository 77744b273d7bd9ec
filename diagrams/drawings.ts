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

const painted = (picture: Picture, scheme: Scheme): string => document(picture, stylesheet(scheme))

function files(name: keyof typeof zooms, picture: Picture): readonly (readonly [string, string | Buffer])[] {
  return [
    [`${name}.svg`, painted(picture, 'both')],
    [`${name}.png`, toPng(painted(picture, 'light'), zooms[name])],
    [`${name}-dark.png`, toPng(painted(picture, 'dark'), zooms[name])],
  ]
}

/** Every file of this folder that is drawn from the machine, by its name. The same bytes for the same machine. */
export async function drawings(): Promise<ReadonlyMap<string, string | Buffer>> {
  const graph = graphOf(connectionMachine.root)
  return new Map<string, string | Buffer>([
    ...files('overview', overviewPicture(graph)),
    ...files('connection', await chartPicture(graph)),
    ['overview.mmd', overviewMermaid()],
    ['connection.mmd', toMermaid(graph)],
    ['connection.json', toJson(connectionMachine.root)],
  ])
}
