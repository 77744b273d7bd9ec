import { read } from '../errors/error-chain.ts'
import { type CodeOwner, type Frame, framesOf } from './code-owner.ts'
import { ConnectionGone } from './message-gate.ts'

/** What the store answered to Baileys with; its trouble is told where it arises. */
const failuresOfStore = new WeakSet<object>()
const failuresOfSends = new WeakSet<object>()
const lostCalls = new WeakSet<object>()

/**
 * Marks what a store rejected with, so that Baileys' leaving it behind ends nothing: an error of a store of the owner's
 * leads through code of the owner's.
 */
export function markStoreFailure(error: unknown): void {
  if (isObject(error)) failuresOfStore.add(error)
}

/** Marks what a write to a supervised connection failed with. */
export function markSendFailure(error: unknown): void {
  if (isObject(error)) failuresOfSends.add(error)
}

/**
 * Marks what a gateway's call on its virtual socket was rejected with because the connection went. The gateway knows of
 * no such end, so not to have caught it must not end its process: with Baileys alone many of these promises never
 * settle.
 */
export function markLostCall(error: unknown): void {
  if (isObject(error)) lostCalls.add(error)
}

/**
 * Whether something that nobody caught was left behind by Baileys: the stack leads through Baileys or libsignal, and
 * for the rest only through what those stand on. One frame of the app makes it the app's.
 */
export function isStray(reason: unknown): boolean {
  if (reason instanceof ConnectionGone || isCloseCode(reason)) return true
  if (isObject(reason) && (failuresOfStore.has(reason) || lostCalls.has(reason))) return true
  const frames = framesIn(reason)
  if (frames.some(({ owner }) => owner === 'app' || owner === 'bundle')) return false
  return frames.some(({ owner }) => owner === 'baileys') || (isObject(reason) && failuresOfSends.has(reason))
}

/**
 * Whether an error that a listener of Baileys' own ended with is the app's all the same: by a callback of the app's
 * that Baileys called.
 */
export function isOfApp(error: unknown): boolean {
  return framesIn(error).some(({ owner }) => owner === 'app')
}

/**
 * What tells one kind of fault from another, whatever a server wrote into it: where it arose, or its name if nobody
 * knows where.
 */
export function kindOf(error: unknown): string {
  const place = (owners: readonly CodeOwner[]) => framesIn(error).find(({ owner }) => owners.includes(owner))?.place
  return place(['baileys', 'bundle']) ?? place(['library', 'own']) ?? String(read(error, 'name') ?? typeof error)
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

function framesIn(error: unknown): readonly Frame[] {
  const [stack, message] = [read(error, 'stack'), read(error, 'message')]
  return typeof stack === 'string' ? framesOf(stack, typeof message === 'string' ? message : '') : []
}

/**
 * Questions that a closing WebSocket leaves without an answer are rejected with its bare close code, which says nothing
 * of who asked.
 */
function isCloseCode(reason: unknown): boolean {
  return Number.isInteger(reason) && Number(reason) >= 1_000 && Number(reason) < 5_000
}
