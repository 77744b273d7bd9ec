import MagicString from 'magic-string'
import { bare, childrenOf, type Node, parse } from '../syntax.ts'

/** `emptied`: no function does anything or answers. `inverted`: each condition is turned round. */
export const hollownesses = ['emptied', 'inverted'] as const
export type Hollowness = (typeof hollownesses)[number]

const functions: ReadonlySet<string> = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'])

/** A source of which nothing is right any more, yet which loads as before: every name is there. */
export function hollow(file: string, source: string, how: Hollowness = 'emptied'): string {
  const code = new MagicString(source)
  const walk = (node: Node): void => {
    // Without its constructor a class cannot be made, and every test would fail of that alone.
    if (node.type === 'MethodDefinition' && node.kind === 'constructor') return
    const body = functions.has(node.type) ? bare(node.body) : undefined
    if (how === 'emptied' && body) {
      const block = source[body.start] === '{'
      code.overwrite(body.start, body.end, block ? '{}' : 'undefined')
      return
    }
    const asked =
      how === 'inverted' && (node.type === 'IfStatement' || node.type === 'ConditionalExpression')
        ? bare(node.test)
        : undefined
    if (asked) code.appendLeft(asked.start, '!(').appendRight(asked.end, ')')
    for (const child of childrenOf(node)) walk(child)
  }
  walk(parse(file, source))
  return code.toString()
}
