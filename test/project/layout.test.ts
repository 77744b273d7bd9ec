import { posix } from 'node:path'
import { expect, test } from 'vitest'
import { type Import, importsOf, sources, topFolders } from './imports.ts'
import { layers } from './layers.ts'

const known: ReadonlySet<string> = new Set(sources)
const all = sources.flatMap(importsOf)
const within = all.filter(({ to }) => known.has(to))
const packages = all.filter(
  ({ to }) => !to.startsWith('node:') && !/^(machines|src|diagrams|test|bench|dist)\//.test(to),
)
const said = ({ from, to }: Import) => `${from} imports ${to}`

const folderOf = (file: string): string => posix.dirname(file)
const layerOf = new Map(layers.flatMap((folders, at) => folders.map((folder) => [folder, at] as const)))
const isShipped = (file: string): boolean => file.startsWith('src/') || file.startsWith('machines/')

test('every folder of machines/ and src/ stands in the table of layers, and the table names no other', () => {
  const folders = new Set(sources.filter(isShipped).map(folderOf))
  expect([...folders].sort()).toEqual([...layerOf.keys()].sort())
})

test('a folder imports only from those that the table of layers has below it', () => {
  const against = within.filter(({ from, to }) => {
    const [own, other] = [folderOf(from), folderOf(to)]
    return isShipped(from) && own !== other && !((layerOf.get(other) ?? Number.NaN) < (layerOf.get(own) ?? Number.NaN))
  })
  expect(against.map(said)).toEqual([])
})

test('what ships imports nothing from diagrams/, test/ and bench/, and of these each only from those before it', () => {
  const order: readonly string[] = topFolders
  const top = (file: string) => order.indexOf(file.split('/')[0] ?? '')
  expect(within.filter(({ from, to }) => top(to) > top(from)).map(said)).toEqual([])
})

test.for([
  ['every folder', sources, Number.POSITIVE_INFINITY],
  ['what ships, with the folders below a folder counted as one with it', sources.filter(isShipped), 2],
  ['the folders at the top', sources, 1],
] as const)('no folders import each other in a circle: %s', ([, files, depth]) => {
  const place = (file: string) => folderOf(file).split('/').slice(0, depth).join('/')
  const arrows = within
    .filter(({ from }) => files.includes(from))
    .map(({ from, to }) => [place(from), place(to)] as const)
  expect(circles(new Set(files.map(place)), arrows)).toEqual([])
})

test('no files import each other in a circle', () => {
  expect(
    circles(
      known,
      within.map(({ from, to }) => [from, to] as const),
    ),
  ).toEqual([])
})

test('what ships has at most 20 places, on 9 levels, with 90 arrows between them: a stranger finds the way', () => {
  // The public door, machines/ and each folder of src/ with all that is below it.
  const place = (file: string) => (folderOf(file) === 'src' ? file : file.split('/').slice(0, depthOf(file)).join('/'))
  const depthOf = (file: string) => (file.startsWith('src/') ? 2 : 1)
  const arrows = new Map<string, Set<string>>(sources.filter(isShipped).map((file) => [place(file), new Set()]))
  for (const { from, to } of within)
    if (isShipped(from) && isShipped(to) && place(to) !== place(from)) arrows.get(place(from))?.add(place(to))
  const levelOf = (from: string): number => 1 + Math.max(0, ...[...(arrows.get(from) ?? [])].map(levelOf))
  const places = [...arrows.keys()]
  expect(places.length).toBeLessThanOrEqual(20)
  expect([...arrows.values()].reduce((sum, to) => sum + to.size, 0)).toBeLessThanOrEqual(90)
  expect(Math.max(...places.map(levelOf))).toBeLessThanOrEqual(9)
})

test('machines/ imports xstate and itself, nothing else', () => {
  const others = all.filter(
    ({ from, to }) => from.startsWith('machines/') && to !== 'xstate' && !to.startsWith('machines/'),
  )
  expect(others.map(said)).toEqual([])
})

test('the pages import nothing that only Node has', () => {
  const isPage = (file: string) => /^src\/\w+\/page\/.*\.ts$/.test(file)
  expect(all.filter(({ from, to }) => isPage(from) && to.startsWith('node:')).map(said)).toEqual([])
})

test('only the rehearsal loads Baileys with itself: everything else takes its types, or loads it when an account is opened', () => {
  const loads = packages.filter(
    ({ from, to, isType, isLazy }) =>
      to === '@whiskeysockets/baileys' && isShipped(from) && !from.startsWith('src/rehearsal/') && !isType && !isLazy,
  )
  expect(loads.map(said)).toEqual([])
})

test('a package that is optional is loaded when it is needed, so that nobody has to install it', () => {
  const optional = ['lmdb', 'pg', 'prom-client', '@opentelemetry/api', '@statelyai/inspect']
  const loads = packages.filter(
    ({ from, to, isType, isLazy }) => optional.includes(to) && isShipped(from) && !isType && !isLazy,
  )
  expect(loads.map(said)).toEqual([])
})

/**
 * What is left when places that import nothing, or that nothing imports, are taken away until there is none: the
 * circles, and what lies between two.
 */
function circles(places: ReadonlySet<string>, arrows: readonly (readonly [string, string])[]): readonly string[] {
  let left = [...places]
  for (;;) {
    const inside = arrows.filter(([from, to]) => from !== to && left.includes(from) && left.includes(to))
    const kept = left.filter(
      (place) => inside.some(([from]) => from === place) && inside.some(([, to]) => to === place),
    )
    if (kept.length === left.length) return kept
    left = kept
  }
}

test('what the benches and the soak load is nothing that only Vitest can run', () => {
  const needed = all.filter(({ isType }) => !isType)
  const loaded = new Set(sources.filter((file) => file.startsWith('bench/')))
  // A set goes on over what is added to it meanwhile.
  for (const file of loaded) for (const { from, to } of needed) if (from === file && known.has(to)) loaded.add(to)
  expect(needed.filter(({ from, to }) => loaded.has(from) && /^vitest(\/|$)/.test(to)).map(said)).toEqual([])
})
