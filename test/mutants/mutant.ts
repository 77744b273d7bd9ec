import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import MagicString from 'magic-string'
import type { Edit, Operator } from './operators.ts'
import { childrenOf, type Node, nameOf, parse } from './syntax.ts'

/** A program that differs from ours in one place. */
export interface Mutant extends Edit {
  /** File, place and change: the same as long as the place keeps its names, whatever moves around it. */
  readonly id: string
  readonly file: string
}

/** The names that lead to a node. */
const named = (node: Node): string | undefined => {
  if (node.type === 'Property') return nameOf(node.key)
  if (node.type === 'MethodDefinition' || node.type === 'PropertyDefinition') return nameOf(node.key)
  return node.type === 'VariableDeclarator' || node.type === 'FunctionDeclaration' ? nameOf(node.id) : undefined
}

/** Every mutant of a file, in the order of its source. */
export function mutantsOf(root: string, file: string, operators: readonly Operator[]): readonly Mutant[] {
  const source = readFileSync(join(root, file), 'utf8')
  const text = ({ start, end }: Node): string => source.slice(start, end)
  const found: Mutant[] = []
  const taken = new Map<string, number>()
  const walk = (node: Node, path: readonly string[]): void => {
    const name = named(node)
    const here = name === undefined ? path : [...path, name]
    for (const edit of operators.flatMap((operator) => operator(node, text))) {
      const plain = `${file} ${here.slice(-4).join('.')}: ${edit.what}`
      const times = (taken.get(plain) ?? 0) + 1
      taken.set(plain, times)
      found.push({ ...edit, file, id: times === 1 ? plain : `${plain} #${times}` })
    }
    for (const child of childrenOf(node)) walk(child, here)
  }
  walk(parse(file, source), [])
  return found
}

/** The source of a mutant. A dropped entry takes its comma along. */
export function mutated(source: string, { start, end, text }: Edit): string {
  const code = new MagicString(source)
  const comma = text === '' && source[end] === ',' ? 1 : 0
  if (text === '') code.remove(start, end + comma)
  else code.overwrite(start, end, text)
  return code.toString()
}
