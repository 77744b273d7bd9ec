import module from 'node:module'
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'

type Load = (this: unknown, request: string, parent: { filename?: string } | undefined, ...more: unknown[]) => unknown

interface Loader {
  _load: Load
  _resolveFilename(request: string, parent: unknown): string
}

/**
 * Has every `require` of a Baileys given what `replace` makes of it. All that is looked at is whether a module exports
 * `useMultiFileAuthState`: no getter is touched, and a fork of whatever name is found.
 */
export function hookRequires(
  onRequire: (request: string) => void,
  replace: (exports: object, url: string) => object,
): void {
  const loader = module as unknown as Loader
  const { _load } = loader
  const replaced = new WeakMap<object, object>()
  loader._load = function (request, parent, ...more) {
    const exports = Reflect.apply(_load, this, [request, parent, ...more])
    if (typeof request !== 'string') return exports
    onRequire(request)
    if (!isBaileysExports(exports)) return exports
    const known = replaced.get(exports)
    if (known) return known
    const file = loader._resolveFilename(request, parent)
    // Its own files, and what stands in a barrel beside them, mean the original.
    if (parent?.filename?.startsWith(`${dirname(dirname(file))}/`)) return exports
    const own = replace(exports, pathToFileURL(file).href)
    replaced.set(exports, own)
    return own
  }
}

function isBaileysExports(exports: unknown): exports is object {
  if (exports === null || (typeof exports !== 'object' && typeof exports !== 'function')) return false
  try {
    return Object.hasOwn(exports, 'useMultiFileAuthState') && Object.hasOwn(exports, 'initAuthCreds')
  } catch {
    // A module that is not evaluated yet.
    return false
  }
}
