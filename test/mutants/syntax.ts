import { parseSync } from 'oxc-parser'

/** A node of the syntax tree, as far as mutations look at it. */
export interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string' && 'start' in value

/** Of types nothing is left when the program runs; these wrap an expression that is. */
const wrappers: ReadonlySet<string> = new Set(['TSAsExpression', 'TSSatisfiesExpression'])

export function childrenOf(node: Node): readonly Node[] {
  if (wrappers.has(node.type)) return isNode(node.expression) ? [node.expression] : []
  return Object.values(node)
    .flat()
    .filter(isNode)
    .filter(({ type }) => !type.startsWith('TS') || wrappers.has(type))
}

/** The expression within `as` and `satisfies`. */
export const bare = (node: unknown): Node | undefined => {
  if (!isNode(node)) return undefined
  return wrappers.has(node.type) ? bare(node.expression) : node
}

export const nodesIn = (value: unknown): readonly Node[] => (Array.isArray(value) ? value.filter(isNode) : [])

/** The name that a key, a variable or a function goes by. */
export const nameOf = (node: unknown): string | undefined => {
  if (!isNode(node)) return undefined
  const { name, value } = node
  return typeof name === 'string' ? name : typeof value === 'string' ? value : undefined
}

export function parse(file: string, source: string): Node {
  const { program, errors } = parseSync(file, source)
  if (errors.length > 0) throw new Error(`${file} cannot be parsed: ${errors[0]?.message}`)
  return program as unknown as Node
}
