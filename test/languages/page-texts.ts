import { readdirSync, readFileSync } from 'node:fs'
import { parseSync } from 'oxc-parser'
import { inProject } from '../root.ts'

interface Node {
  readonly type: string
  readonly [field: string]: unknown
}
const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'

/** What of an element no person reads. */
const unread =
  /^(class|type|id|for|role|href|d|viewBox|rel|autocomplete|spellcheck|inputmode|datetime|scope|name|value|fill|preserveAspectRatio|shape-rendering|tabindex|url|code|action|can|aria-(labelledby|describedby|live|pressed|hidden|busy)|data-.*)$/

const nameOf = (key: unknown): string => (isNode(key) ? String(key.name ?? key.value ?? '') : '')

/** Calls whose texts no person reads. */
const silent =
  /querySelector|closest|addEventListener|Error|RegExp|part|split|replace|test|sub|getItem|setItem|setAttribute|createElement|matchMedia|toggle|fetch|ask|accountPath|register|dispatch/

/** Every text in the code that a person may read: with places as `{}`. */
function textsIn(value: unknown, found: string[]): void {
  if (Array.isArray(value)) {
    for (const one of value) textsIn(one, found)
    return
  }
  if (!isNode(value)) return
  switch (value.type) {
    case 'ImportDeclaration':
    case 'TSLiteralType':
    case 'TSTypeAliasDeclaration':
    case 'TSInterfaceDeclaration':
    case 'BinaryExpression':
    case 'ThrowStatement':
      return
    case 'Property':
      if (!unread.test(nameOf(value.key))) textsIn(value.value, found)
      return
    case 'CallExpression':
    case 'NewExpression': {
      const callee = value.callee as Node
      const name = nameOf(callee.property) || nameOf(callee)
      if (!silent.test(name)) textsIn(value.arguments, found)
      textsIn(callee, found)
      return
    }
    case 'Literal':
      if (typeof value.value === 'string') found.push(value.value)
      return
    case 'TemplateLiteral': {
      const quasis = value.quasis as { readonly value: { readonly cooked: string } }[]
      found.push(quasis.map(({ value: { cooked } }) => cooked).join('{}'))
      textsIn(value.expressions, found)
      return
    }
    default:
      for (const [field, inner] of Object.entries(value)) if (field !== 'typeAnnotation') textsIn(inner, found)
  }
}

/** Texts in a module of the page: what has words, a capital letter before them or a space between them. */
export function pageTexts(): ReadonlyMap<string, readonly string[]> {
  const folder = inProject('src/dashboard/page')
  const modules = readdirSync(folder).filter((name) => name.endsWith('.ts') && name !== 'worker.ts')
  return new Map(
    modules.map((name) => {
      const found: string[] = []
      textsIn(
        parseSync(name, readFileSync(new URL(`src/dashboard/page/${name}`, inProject('./')), 'utf8')).program.body,
        found,
      )
      const isText = (text: string): boolean => /^\s*\p{Lu}?\p{Ll}+[ ,.]+[\p{L}{]|^\p{Lu}\p{Ll}{2}/u.test(text)
      return [name, [...new Set(found.map((text) => text.trim()))].filter(isText)]
    }),
  )
}
