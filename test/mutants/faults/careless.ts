import type { Edit, Operator } from '../operators.ts'
import { bare, type Node, nameOf, nodesIn } from '../syntax.ts'

// Changes that a careless hand makes in code that waits, listens and keeps: each looks right, and most type-check.

const short = (text: string): string => text.replace(/\s+/g, ' ').slice(0, 60)
type Text = (node: Node) => string
const replaced = ({ start, end }: Node, text: string, what: string): Edit => ({ start, end, text, what })

const calleeOf = (node: Node | undefined): Node | undefined =>
  node?.type === 'CallExpression' ? bare(node.callee) : undefined
/** The name that is called, without what it is called on. */
const calledBy = (node: Node | undefined): string | undefined => {
  const callee = calleeOf(node)
  return nameOf(callee?.type === 'MemberExpression' ? bare(callee.property) : callee)
}

/** `a && b` → `a`, or `b`; the same for `||` and `??`; `a ? b : c` → `b`, or `c`. */
const lostCondition: Operator = (node, text) => {
  const sides =
    node.type === 'LogicalExpression'
      ? [bare(node.left), bare(node.right)]
      : node.type === 'ConditionalExpression'
        ? [bare(node.consequent), bare(node.alternate)]
        : []
  const what = `in ${short(text(node))}`
  return sides.flatMap((side) =>
    side ? [replaced(node, `(${text(side)})`, `lost condition: only ${short(text(side))} ${what}`)] : [],
  )
}

/** `if (a) return` is lost, or what stands in it, whatever it asks. */
const lostReturn: Operator = (node, text) => {
  if (node.type !== 'IfStatement' || node.alternate) return []
  const then = bare(node.consequent)
  const only = then?.type === 'BlockStatement' ? nodesIn(then.body)[0] : then
  if (!only || !['ReturnStatement', 'ThrowStatement', 'ContinueStatement'].includes(only.type)) return []
  return [replaced(node, ';', `lost early return: ${short(text(node))}`)]
}

/** The answer is the same either way round. */
const symmetric = /^Math\.(?:min|max)$/
/** Two arguments, or the two sides of a difference or of an order, change places. */
const swapped: Operator = (node, text) => {
  const swap = (a: Node | undefined, b: Node | undefined): readonly Edit[] => {
    if (!a || !b || text(a) === text(b)) return []
    const between = text({ ...node, start: a.end, end: b.start })
    const turned = `${text(b)}${between}${text(a)}`
    return [{ start: a.start, end: b.end, text: turned, what: `swapped: ${short(text(a))} and ${short(text(b))}` }]
  }
  if (node.type === 'CallExpression' || node.type === 'NewExpression') {
    const callee = bare(node.callee)
    const given = callee && symmetric.test(text(callee)) ? [] : nodesIn(node.arguments)
    const plain = ({ type }: Node) => ['Identifier', 'MemberExpression'].includes(type)
    return given.slice(1).flatMap((one, at) => {
      const before = given[at]
      return before && plain(one) && plain(before) ? swap(before, one) : []
    })
  }
  if (node.type !== 'BinaryExpression' || !['-', '<', '>', '<=', '>='].includes(String(node.operator))) return []
  return swap(bare(node.left), bare(node.right))
}

/** `await a()` goes on at once. */
const droppedAwait: Operator = (node, text) => {
  if (node.type !== 'ExpressionStatement') return []
  const awaited = bare(node.expression)
  const what = awaited?.type === 'AwaitExpression' ? bare(awaited.argument) : undefined
  return awaited && what ? [replaced(awaited, `void ${text(what)}`, `dropped await: ${short(text(what))}`)] : []
}

/** What was read before, or is to be read after, a wait: the two change places. */
const staleRead: Operator = (node, text) => {
  const body = node.type === 'BlockStatement' || node.type === 'FunctionBody' ? nodesIn(node.body) : []
  return body.slice(1).flatMap((one, at) => {
    const before = body[at]
    if (!before || one.type !== 'VariableDeclaration' || /\bawait\b/.test(text(one))) return []
    // What is written out is read from nowhere, and a function reads when it is called.
    if (bare(nodesIn(one.declarations)[0]?.init)?.type === 'ArrowFunctionExpression') return []
    if (!/[.(]/.test(text(one).replace(/^[^=]*=/, ''))) return []
    if (!/^(?:await|const [^=]+ = await) /.test(text(before))) return []
    const between = text({ ...node, start: before.end, end: one.start })
    return [
      {
        start: before.start,
        end: one.end,
        text: `${text(one)}${between}${text(before)}`,
        what: `stale read: ${short(text(one))} before ${short(text(before))}`,
      },
    ]
  })
}

const forgetting = new Set(['forget', 'clear', 'delete', 'reset', 'invalidate', 'set', 'keep'])
/** What is remembered is not forgotten, or what is new is not remembered. */
const staleMemory: Operator = (node, text) => {
  if (node.type !== 'ExpressionStatement') return []
  const done = bare(node.expression)
  const called = calledBy(done?.type === 'AwaitExpression' ? bare(done.argument) : done)
  const left = done?.type === 'AssignmentExpression' ? bare(done.left) : undefined
  if (!forgetting.has(called ?? '') && left?.type !== 'MemberExpression') return []
  return [replaced(node, ';', `stale: without ${short(text(node))}`)]
}

const otherError: Readonly<Record<string, string>> = {
  ENOENT: 'EACCES',
  EACCES: 'ENOENT',
  EPERM: 'ESRCH',
  ESRCH: 'EPERM',
  EEXIST: 'ENOENT',
  ENOTDIR: 'EISDIR',
  EISDIR: 'ENOTDIR',
  ENOSPC: 'EIO',
  EIO: 'ENOSPC',
  EROFS: 'EIO',
  EMFILE: 'EIO',
  EXDEV: 'EIO',
  EINVAL: 'EIO',
  ENOTEMPTY: 'EEXIST',
}
/** One error of the file system or of PostgreSQL is taken for another. */
const wrongError: Operator = (node) => {
  const { value } = node
  if (node.type !== 'Literal' || typeof value !== 'string') return []
  const other = otherError[value] ?? (/^[0-9][0-9A-Z]{4}$/.test(value) ? '99999' : undefined)
  return other === undefined ? [] : [replaced(node, `'${other}'`, `wrong error: ${value} is ${other}`)]
}

const clocks: Readonly<Record<string, string>> = {
  'Date.now()': 'performance.now()',
  'performance.now()': 'Date.now()',
}
/** The wall clock for the monotonic one, and the machine's for the one that was given. */
const wrongClock: Operator = (node, text) => {
  if (node.type !== 'CallExpression' || nodesIn(node.arguments).length > 0) return []
  const asked = text(node)
  const other = clocks[asked] ?? (/(?:^|[.#])(?:now|monotonic)\(\)$/.test(asked) ? 'performance.now()' : undefined)
  return other === undefined ? [] : [replaced(node, other, `wrong clock: ${short(asked)} is ${other}`)]
}

/** What happens once may happen again. */
const missingOnce: Operator = (node, text) => {
  if (node.type === 'Property' && nameOf(node.key) === 'once' && text(node) === 'once: true')
    return [replaced(node, 'once: false', 'missing once: true')]
  const callee = calleeOf(node)
  const property = callee?.type === 'MemberExpression' ? bare(callee.property) : undefined
  if (!property || nameOf(property) !== 'once') return []
  return [replaced(property, 'on', `missing once: ${short(text(node))}`)]
}

const removal =
  /^(?:off|remove\w*|clearTimeout|clearInterval|unsubscribe|unref|dispose|destroy|stop|end|close|release)$/
/** A listener stays, a timer runs on, a thing stays open. */
const missingRemoval: Operator = (node, text) => {
  const within =
    node.type === 'ExpressionStatement'
      ? bare(node.expression)
      : node.type === 'ArrowFunctionExpression' && node.expression === true
        ? bare(node.body)
        : undefined
  const inner = within?.type === 'ChainExpression' ? bare(within.expression) : within
  const called = calledBy(inner?.type === 'AwaitExpression' ? bare(inner.argument) : inner)
  if (!within || called === undefined) return []
  const statement = node.type === 'ExpressionStatement'
  if (!removal.test(called) && (statement || called !== 'delete')) return []
  return [replaced(within, 'undefined', `missing removal: ${short(text(within))}`)]
}

const all: readonly Operator[] = [
  lostCondition,
  lostReturn,
  swapped,
  droppedAwait,
  staleRead,
  staleMemory,
  wrongError,
  wrongClock,
  missingOnce,
  missingRemoval,
]

/** Each change once, though more than one rule makes it. */
export const careless: readonly Operator[] = [
  (node: Node, text: Text) => {
    const edits = all.flatMap((operator) => operator(node, text))
    return edits.filter(
      (edit, at) =>
        edits.findIndex((one) => one.start === edit.start && one.end === edit.end && one.text === edit.text) === at,
    )
  },
]
