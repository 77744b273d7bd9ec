import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import MagicString from 'magic-string'
import type { Mutant } from '../mutant.ts'
import { bare, childrenOf, type Node, parse } from '../syntax.ts'

// Which blocks of the sources a test runs: only those that run the block of a fault can notice it.

/** A block of statements, or what an arrow function answers. */
interface Block {
  readonly start: number
  readonly end: number
  readonly statements: boolean
}

function blocksOf(file: string, source: string): readonly Block[] {
  const found: Block[] = []
  const walk = (node: Node): void => {
    const { type, start, end } = node
    if (type === 'BlockStatement' || type === 'FunctionBody') found.push({ start, end, statements: true })
    const answer = type === 'ArrowFunctionExpression' && node.expression === true ? bare(node.body) : undefined
    if (answer) found.push({ start: answer.start, end: answer.end, statements: false })
    for (const child of childrenOf(node)) walk(child)
  }
  walk(parse(file, source))
  return found.filter(({ start, statements }) => !statements || source[start] === '{')
}

const nameOf = (file: string, start: number): string => `${file}:${start}`
const told = (place: string): string => `globalThis.lifelineTouched?.(${JSON.stringify(place)})`

/** The source, which calls `lifelineTouched` with the place of each block that it comes to. */
export function telling(file: string, source: string): string {
  const code = new MagicString(source)
  for (const { start, end, statements } of blocksOf(file, source)) {
    if (statements) code.appendRight(start + 1, `${told(nameOf(file, start))};`)
    else code.appendLeft(start, `(${told(nameOf(file, start))},`).appendRight(end, ')')
  }
  return code.append(`\n;${told(nameOf(file, -1))};`).toString()
}

const read = new Map<string, readonly Block[]>()
/** The block that a fault lies in, by the name that is told; outside of all blocks it is that of the file. */
export function placeOf(root: string, { file, start, end }: Mutant): string {
  const blocks = read.get(file) ?? blocksOf(file, readFileSync(join(root, file), 'utf8'))
  read.set(file, blocks)
  const around = blocks.filter((one) => one.start <= start && end <= one.end)
  const inner = around.toSorted((a, b) => a.end - a.start - (b.end - b.start))[0]
  return nameOf(file, inner?.start ?? -1)
}
