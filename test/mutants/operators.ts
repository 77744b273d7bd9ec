import { bare, type Node, nameOf, nodesIn } from './syntax.ts'

/** One change of the source. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
  /** What was done, in words that stay the same while the lines around it move. */
  readonly what: string
}

/** What a node can be changed to. `text` gives the source of a node. */
export type Operator = (node: Node, text: (node: Node) => string) => readonly Edit[]

const turned: Readonly<Record<string, string>> = {
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '===': '!==',
  '!==': '===',
  '+': '-',
  '-': '+',
  '*': '/',
  '/': '*',
  '&&': '||',
  '||': '&&',
}
const twins: Readonly<Record<string, string>> = { min: 'max', max: 'min', some: 'every', every: 'some' }
/** Texts, which say why and change nothing, and what a chart cannot be made without. */
const untouched: ReadonlySet<string | undefined> = new Set(['description', 'why', 'id', 'initial', 'src', 'types'])
const short = (text: string): string => text.replace(/\s+/g, ' ').slice(0, 60)

const isText = (node: Node | undefined): boolean =>
  node?.type === 'TemplateLiteral' || (node?.type === 'Literal' && typeof node.value === 'string')

/** `a < b` → `a <= b`, `a && b` → `a || b`, `a ?? b` → `a`. */
const operator: Operator = (node, text) => {
  if (node.type !== 'BinaryExpression' && node.type !== 'LogicalExpression') return []
  const [left, right] = [bare(node.left), bare(node.right)]
  if (!left || !right || isText(left) || isText(right)) {
    if (node.operator !== '===' && node.operator !== '!==') return []
  }
  if (!left || !right) return []
  if (node.operator === '??')
    return [{ start: left.end, end: node.end, text: '', what: `no fallback in ${short(text(node))}` }]
  const other = turned[String(node.operator)]
  if (other === undefined) return []
  const between = text({ ...node, start: left.end, end: right.start })
  return [
    {
      start: left.end,
      end: right.start,
      text: between.replace(String(node.operator), other),
      what: `${other} in ${short(text(node))}`,
    },
  ]
}

/** A condition is turned round. */
const condition: Operator = (node, text) => {
  if (node.type === 'UnaryExpression' && node.operator === '!')
    return [{ start: node.start, end: node.start + 1, text: '', what: `not ${short(text(node))}` }]
  if (node.type !== 'IfStatement' && node.type !== 'ConditionalExpression') return []
  const test = bare(node.test)
  if (!test) return []
  return [{ start: test.start, end: test.end, text: `!(${text(test)})`, what: `the other way if ${short(text(test))}` }]
}

/** A number is off by one, `true` is `false`. */
const literal: Operator = (node) => {
  if (node.type !== 'Literal') return []
  if (typeof node.value === 'number')
    return [{ start: node.start, end: node.end, text: String(node.value + 1), what: `${node.value} off by one` }]
  if (typeof node.value === 'boolean')
    return [{ start: node.start, end: node.end, text: String(!node.value), what: `${!node.value}` }]
  return []
}

/** `Math.min` → `Math.max`, `some` → `every`, and a filter that lets everything through. */
const call: Operator = (node, text) => {
  if (node.type !== 'CallExpression') return []
  const callee = bare(node.callee)
  const property = callee && bare(callee.property)
  const object = callee && bare(callee.object)
  const name = nameOf(property)
  if (!property || !object || name === undefined) return []
  const what = `in ${short(text(node))}`
  if (name === 'filter' || name === 'sort')
    return [{ start: object.end, end: node.end, text: '', what: `no ${name} ${what}` }]
  const twin = twins[name]
  return twin === undefined ? [] : [{ start: property.start, end: property.end, text: twin, what: `${twin} ${what}` }]
}

/** A statement that does something is forgotten. */
export const forgotten: Operator = (node, text) =>
  node.type === 'ExpressionStatement'
    ? [{ start: node.start, end: node.end, text: ';', what: `forgets ${short(text(node))}` }]
    : []

/** An entry of an object is dropped: of the chart an `onError`, a guard, an action; of an update what it sets. */
const dropped: Operator = (node, text) => {
  if (node.type !== 'ObjectExpression') return []
  return nodesIn(node.properties)
    .filter(({ key }) => !untouched.has(nameOf(key)))
    .map((property) => ({
      start: property.start,
      end: property.end,
      text: '',
      what: `without ${short(text(property))}`,
    }))
}

/** An element of a list is dropped, or changes places with the next. */
const list: Operator = (node, text) => {
  if (node.type !== 'ArrayExpression') return []
  const elements = nodesIn(node.elements)
  const swaps = elements.flatMap((element, at) => {
    const next = elements[at + 1]
    if (!next || element.type !== 'ObjectExpression' || next.type !== 'ObjectExpression') return []
    const between = text({ ...node, start: element.end, end: next.start })
    const what = `after ${short(text(next))}: ${short(text(element))}`
    return [{ start: element.start, end: next.end, text: `${text(next)}${between}${text(element)}`, what }]
  })
  const drops = elements.map((element) => ({
    start: element.start,
    end: element.end,
    text: '...[]',
    what: `without ${short(text(element))}`,
  }))
  return [...drops, ...swaps]
}

/** A transition leads elsewhere. */
const retarget: Operator = (node, text) => {
  const value = bare(node.value)
  if (node.type !== 'Property' || nameOf(node.key) !== 'target' || !value) return []
  const elsewhere = /reconnecting/.test(text(value)) ? '#connection.blocked' : '#connection.reconnecting'
  return [{ start: value.start, end: value.end, text: `'${elsewhere}'`, what: `${text(value)} → ${elsewhere}` }]
}

/** Two neighbours of a table change places. */
const table: Operator = (node, text) => {
  const init = node.type === 'VariableDeclarator' ? bare(node.init) : undefined
  if (init?.type !== 'ObjectExpression') return []
  const rows = nodesIn(init.properties).flatMap(({ key, value }) => {
    const cell = bare(value)
    return cell ? [{ name: nameOf(key), cell }] : []
  })
  if (rows.length < 3) return []
  return rows.flatMap(({ name, cell }, at) => {
    const next = rows[at + 1]
    if (!next || text(cell) === text(next.cell)) return []
    const between = text({ ...node, start: cell.end, end: next.cell.start })
    const swapped = `${text(next.cell)}${between}${text(cell)}`
    return [{ start: cell.start, end: next.cell.end, text: swapped, what: `${name} and ${next.name} change places` }]
  })
}

export const operators: readonly Operator[] = [
  operator,
  condition,
  literal,
  call,
  forgotten,
  dropped,
  list,
  retarget,
  table,
]
