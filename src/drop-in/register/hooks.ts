import type { LoadFnOutput, LoadHookContext, ResolveFnOutput, ResolveHookContext } from 'node:module'
import { isBaileys, isWithinBaileys, packageOf, standIn, stoodFor } from './entry.ts'
import { standInSource } from './stand-in.ts'

/**
 * What a resolved import is led to. `require` has a hook of its own: what it gets is an object, and can be replaced as
 * one.
 */
export function led(result: ResolveFnOutput, { parentURL = '', conditions }: ResolveHookContext): ResolveFnOutput {
  const { url } = result
  if (!isBaileys(url) || conditions.includes('require')) return result
  // Baileys itself, and the module in its place, mean the original.
  if (parentURL.startsWith(packageOf(url))) return result
  return { ...result, url: standIn(url), format: 'module' }
}

/** The module in the place of Baileys; undefined for every other. */
export function loaded(url: string): LoadFnOutput | undefined {
  const original = stoodFor(url)
  if (original === undefined) return undefined
  return { format: 'module', shortCircuit: true, source: standInSource(original, original) }
}

type Next<C, R> = (specifier: string, context: C) => R | Promise<R>

/** To the thread of the program, which is told what is imported. */
let program: { postMessage(specifier: string): void } | undefined

export function initialize({ port }: { readonly port: typeof program }): void {
  program = port
}

/** For the thread in which Node up to 22.14 runs the hooks of imports. */
export async function resolve(
  specifier: string,
  context: ResolveHookContext,
  next: Next<ResolveHookContext, ResolveFnOutput>,
): Promise<ResolveFnOutput> {
  if (isWithinBaileys(specifier)) program?.postMessage(specifier)
  return led(await next(specifier, context), context)
}

export async function load(
  url: string,
  context: LoadHookContext,
  next: Next<LoadHookContext, LoadFnOutput>,
): Promise<LoadFnOutput> {
  return loaded(url) ?? next(url, context)
}
