import { readFileSync } from 'node:fs'
import { parseSync } from 'oxc-parser'
import { inProject } from '../root.ts'

interface Node {
  readonly type: string
  readonly [field: string]: unknown
}
const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'

/** What an argument says, whichever way it goes; each place of a template holds a figure, which passes for a name. */
function saidBy(value: unknown): readonly string[] {
  if (!isNode(value)) return []
  switch (value.type) {
    case 'Literal':
      return typeof value.value === 'string' ? [value.value] : []
    case 'TemplateLiteral': {
      const quasis = value.quasis as { readonly value: { readonly cooked: string } }[]
      return [quasis.map(({ value: { cooked } }) => cooked).join('7')]
    }
    case 'ConditionalExpression':
      return [...saidBy(value.consequent), ...saidBy(value.alternate)]
    case 'LogicalExpression':
      return [...saidBy(value.left), ...saidBy(value.right)]
    default:
      return []
  }
}

function each(value: unknown, visit: (node: Node) => void): void {
  if (Array.isArray(value)) for (const one of value) each(one, visit)
  else if (isNode(value)) {
    visit(value)
    for (const inner of Object.values(value)) each(inner, visit)
  }
}

/**
 * What the errors of a module say, message and remediation: those that it makes with `new` of a class that `made` fits,
 * but for those with one of the codes `but`.
 */
export function refusedTexts(path: string, made: RegExp, but: ReadonlySet<string>): readonly string[] {
  const found = new Set<string>()
  each(parseSync(path, readFileSync(inProject(path), 'utf8')).program.body, ({ type, callee, ...node }) => {
    if (type !== 'NewExpression' || !isNode(callee) || !made.test(String(callee.name))) return
    const texts = (node.arguments as readonly unknown[]).flatMap(saidBy)
    if (!texts.some((text) => but.has(text))) for (const text of texts) if (text.includes(' ')) found.add(text)
  })
  return [...found]
}
