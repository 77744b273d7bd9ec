import { promises, writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, readFile } from 'node:fs/promises'
import module from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { hookImports } from '../../../src/drop-in/register/imports.ts'
import { hookReads } from '../../../src/drop-in/register/reads.ts'

interface Loader {
  load(this: unknown, file: string): unknown
  _compile(this: unknown, content: string, file: string, format?: string): unknown
}
const { prototype } = module as unknown as { readonly prototype: Loader }
const own = {
  load: prototype.load,
  _compile: prototype._compile,
  readFile: promises.readFile,
  register: module.register,
}

const done: unknown[] = []
beforeEach(() => {
  done.length = 0
  // What is compiled here is kept nowhere.
  vi.stubEnv('NODE_V8_COVERAGE', '/nowhere')
  vi.stubEnv('NODE_OPTIONS', undefined)
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  Object.assign(prototype, { load: own.load, _compile: own._compile })
  Object.assign(promises, { readFile: own.readFile })
  Object.assign(module, { register: own.register })
})

/** A folder with packages: a Baileys by its files, and others. */
async function packages() {
  const folder = await mkdtemp(join(tmpdir(), 'lifeline-reads-'))
  const file = async (path: string, content = `// ${path}`) => {
    const whole = join(folder, 'node_modules', path)
    await mkdir(join(whole, '..'), { recursive: true })
    writeFileSync(whole, content)
    return whole
  }
  const main = await file('a-fork/lib/index.js')
  for (const name of ['WAProto/index.js', 'lib/Socket/index.js']) await file(`a-fork/${name}`)
  return { folder, file, main, url: pathToFileURL(main) }
}
const text = async (...args: Parameters<typeof promises.readFile>) => String(await promises.readFile(...args))

/** With what is below it told of and doing nothing. */
function hooked() {
  prototype.load = (file) => void done.push(['load', file])
  prototype._compile = (content, file, format) => done.push(['compile', content, file, format])
  hookReads({
    onImport: (file) => done.push(['import', file]),
    replace: (exports, url) => ({ ours: exports, url }),
    toThread: () => done.push('thread'),
  })
}
const compile = (id: string, content: string, file: string, format?: string) => {
  const loaded = { id, exports: 'theirs' as unknown }
  Reflect.apply(prototype._compile, loaded, [content, file, format])
  return loaded.exports
}

test('the module in the place of a Baileys is read where an import asks for it, and the Baileys itself under its own address', async () => {
  const { file, url } = await packages()
  hooked()
  const within = pathToFileURL(join(url.pathname, '..', 'Socket', 'index.js'))
  const other = pathToFileURL(await file('express/lib/router.js'))
  expect(await text(within)).toContain('// a-fork/lib/Socket/index.js')
  expect(await text(url)).toContain(`export * from "${url.href}?lifeline-original"`)
  expect(await text(new URL(`${url.href}?lifeline-original`))).toBe('// a-fork/lib/index.js')
  expect(await text(within)).toContain('// a-fork')
  expect(await text(other)).toBe('// express/lib/router.js')
  // Past the main file only until that is known, and what Node does not read itself says nothing.
  expect(done.splice(0)).toEqual([
    'thread',
    ['import', 'a-fork/lib/Socket/index.js'],
    ['import', 'express/lib/router.js'],
  ])
  expect([await text(url, 'utf8'), await text(url.pathname)]).toEqual(Array(2).fill('// a-fork/lib/index.js'))
  await expect(text(new URL('data:text/javascript,1'))).rejects.toThrow()
  await expect(text(new URL('file:///srv/none.js'))).rejects.toThrow('ENOENT')
  expect(done).toEqual([['import', 'file:///srv/none.js']])
  expect(await readFile(url, 'utf8')).toBe('// a-fork/lib/index.js')
})

test('a Baileys that is compiled for a require has its exports replaced, and one that is an ES module its code', async () => {
  const { file, main, url } = await packages()
  hooked()
  done.length = 0
  const other = await file('express/lib/index.js')
  const inside = join(main, '..', 'other.js')
  expect(compile('x', 'code', main, 'commonjs')).toEqual({ ours: 'theirs', url: url.href })
  expect([compile('x', 'code', other), compile('x', 'code', inside)]).toEqual(['theirs', 'theirs'])
  expect(done.splice(0)).toEqual([
    ['compile', 'code', main, 'commonjs'],
    ['compile', 'code', other, undefined],
    ['compile', 'code', inside, undefined],
  ])
  expect(compile('x', 'code', main, 'module')).toBe('theirs')
  expect(done).toEqual([
    ['compile', expect.stringContaining(`export * from "${url.href}?lifeline-original"`), main, 'module'],
  ])
  await text(pathToFileURL(inside)).catch(() => undefined)
  expect(done).toHaveLength(1)
})

test('what an ES module imports that is required itself is taken before it, if it is a Baileys; the program is left to Node', async () => {
  const { folder, file } = await packages()
  const taken: unknown[] = []
  vi.stubGlobal('takenBaileys', (name: string) => taken.push(name))
  for (const name of ['baileys', '@some/baileys-fork', 'express'])
    await file(`${name}/package.json`, JSON.stringify({ name, main: './main.cjs' }))
  for (const name of ['baileys', '@some/baileys-fork', 'express'])
    await file(`${name}/main.cjs`, `globalThis.takenBaileys('${name}')`)
  Object.assign(prototype, { load: own.load, _compile: own._compile })
  const code = ['baileys', 'express', 'no-such-baileys', '@some/baileys-fork'].map((name) => `import x from '${name}'`)
  const gateway = join(folder, 'gateway.mjs')
  writeFileSync(gateway, code.join('\n'))
  const loads: string[] = []
  prototype.load = function (path) {
    return path === gateway ? void loads.push(path) : Reflect.apply(own.load, this, [path])
  }
  prototype._compile = function (content, path, format) {
    return path.startsWith(join(folder, 'gateway'))
      ? undefined
      : Reflect.apply(own._compile, this, [content, path, format])
  }
  hookReads({ onImport: () => undefined, replace: (exports) => exports, toThread: () => undefined })
  const clear = () => {
    const cache = (module as unknown as { _cache: Record<string, unknown> })._cache
    for (const name of Object.keys(cache)) if (name.startsWith(folder)) delete cache[name]
    return taken.splice(0)
  }
  Reflect.apply(prototype.load, { id: '.' }, [gateway])
  compile('.', code.join('\n'), join(folder, 'gateway.js'), 'module')
  compile('x', code.join('\n'), join(folder, 'gateway.js'), 'commonjs')
  expect([clear(), loads]).toEqual([[], [gateway]])
  Reflect.apply(prototype.load, { id: 'x' }, [gateway])
  expect([clear(), loads.length]).toEqual([['baileys', '@some/baileys-fork'], 2])
  compile('x', code.join('\n'), join(folder, 'gateway.js'), 'module')
  expect(clear()).toEqual(['baileys', '@some/baileys-fork'])
})

test('as the first preload it waits with the thread for others who give Node hooks, and is there before them', () => {
  const registered = vi.fn(() => 'theirs')
  Object.assign(module, { register: registered })
  vi.stubEnv('NODE_OPTIONS', '--require=/srv/baileys-lifeline/lib/register.cjs')
  hooked()
  expect(done).toEqual([])
  const register = module.register as unknown as (...args: unknown[]) => unknown
  expect(register('./hooks.js', 'file:///srv/')).toBe('theirs')
  expect([done, registered.mock.calls]).toEqual([['thread'], [['./hooks.js', 'file:///srv/']]])
})

test('where Node has hooks in the program itself, they lead an import to the module in its place', async () => {
  const { url } = await packages()
  const hooks = Object.getOwnPropertyDescriptor(module, 'registerHooks')
  const given = vi.fn()
  Object.assign(module, { registerHooks: given })
  try {
    hookImports(
      (specifier) => done.push(specifier),
      () => undefined,
    )
  } finally {
    Reflect.deleteProperty(module, 'registerHooks')
    if (hooks) Object.defineProperty(module, 'registerHooks', hooks)
  }
  const [{ resolve, load }] = given.mock.calls[0] as [Record<'resolve' | 'load', (...args: unknown[]) => unknown>]
  const context = { conditions: ['import'], parentURL: 'file:///srv/gateway.js' }
  const next = (...args: unknown[]) => ({ url: args[0] === 'a-fork' ? url.href : 'file:///srv/other.js', args })
  const place = `${url.href}?lifeline`
  expect(resolve?.('a-fork', context, next)).toMatchObject({ url: place, format: 'module' })
  expect(resolve?.('other', context, next)).toEqual({ url: 'file:///srv/other.js', args: ['other', context] })
  expect(done).toEqual(['a-fork', 'other'])
  expect(load?.(place, {}, () => 'next')).toMatchObject({ format: 'module', shortCircuit: true })
  expect(load?.(url.href, {}, () => 'next')).toBe('next')
})
