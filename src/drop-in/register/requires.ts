import module from 'node:module'
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'

type Load = (this: unknown, request: string, parent: { filename?: string } | undefined, ...more: unknown[]) => unknown

interface Loader {
  _load: Load
  _resolveFilename(request: string, parent: unknown): string
}

type Replace = (exports: object, url: string) => object

/**
 * Has every `require` of a Baileys given what `replace` makes of it. All that is looked at is whether a module exports
 * `useMultiFileAuthState`: no getter is touched, and a fork of whatever name is found. Returns `replace` for what is
 * loaded in other ways: once for each module, and nothing for what is none.
 */
export function hookRequires(onRequire: (request: string) => void, replace: Replace) {
  const loader = module as unknown as Loader
  const { _load } = loader
  const [replaced, originals] = [new WeakMap<object, object>(), new WeakMap<object, object>()]
  const replaceOnce = (exports: object, url: string): object => {
    let own = replaced.get(exports)
    if (own === undefined) {
      own = replace(exports, url)
      replaced.set(exports, own)
      originals.set(own, exports)
    }
    return own
  }
  loader._load = function (request, parent, ...more) {
    const loaded = Reflect.apply(_load, this, [request, parent, ...more])
    onRequire(request)
    if (!isBaileysExports(loaded)) return loaded
    const exports = originals.get(loaded) ?? loaded
    const file = loader._resolveFilename(request, parent)
    // Its own files, and what stands in a barrel beside them, mean the original.
    if (parent?.filename?.startsWith(`${dirname(dirname(file))}/`)) return exports
    return replaceOnce(exports, pathToFileURL(file).href)
  }
  return (exports: unknown, url: string): unknown =>
    isBaileysExports(exports) && !originals.has(exports) ? replaceOnce(exports, url) : exports
}

function isBaileysExports(exports: unknown): exports is object {
  try {
    return (
      Object.hasOwn(exports as object, 'useMultiFileAuthState') && Object.hasOwn(exports as object, 'initAuthCreds')
    )
  } catch {
    // Nothing, or a module that is not evaluated yet.
    return false
  }
}
