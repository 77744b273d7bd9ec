import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { hookThread, mayImportBaileys } from '../../../src/drop-in/register/thread.ts'

test.each([
  ['under its own name', 'node_modules/baileys', true],
  ['under a scope', 'node_modules/@whiskeysockets/baileys', true],
  ['as a fork', 'node_modules/whaileys', true],
  ['in the store of pnpm', 'node_modules/.pnpm/@whiskeysockets+baileys@7.0.0/node_modules', true],
  ['under an alias, with its protocol', 'node_modules/wa/WAProto', true],
  ['in nothing, with the packages of others', 'node_modules/express/lib', false],
  ['in a cache of tools', 'node_modules/.cache/baileys', false],
])('a program may import a Baileys that lies %s', (_, part, may) => {
  const folder = mkdtempSync(join(tmpdir(), 'lifeline-thread-'))
  mkdirSync(join(folder, part), { recursive: true })
  const program = join(folder, 'src', 'gateway.js')
  expect([mayImportBaileys('/', program), mayImportBaileys(join(folder, 'src'), undefined)]).toEqual([may, may])
  expect([mayImportBaileys('/', '/gateway.js'), mayImportBaileys('/', undefined)]).toEqual([false, false])
})

test('where packages lie in archives a program may import anything', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lifeline-thread-'))
  writeFileSync(join(folder, '.pnp.cjs'), '')
  expect(mayImportBaileys(folder, undefined)).toBe(true)
})

test('the thread is begun once, where a Baileys may be found, and what it tells is heard, at the end too', async () => {
  const { argv } = process
  const cwd = vi.spyOn(process, 'cwd').mockReturnValue('/')
  const before = new Set(process.listeners('exit'))
  const added = () => process.listeners('exit').filter((one) => !before.has(one))
  onTestFinished(() => {
    process.argv = argv
    cwd.mockRestore()
    for (const one of added()) process.removeListener('exit', one)
  })
  process.argv = ['node', '/gateway.js']
  const heard: string[] = []
  const begin = vi.fn()
  const hook = () => hookThread((specifier) => heard.push(specifier), begin)
  hook()
  expect([begin.mock.calls, added()]).toEqual([[], []])
  const folder = mkdtempSync(join(tmpdir(), 'lifeline-thread-'))
  mkdirSync(join(folder, 'node_modules', 'baileys'), { recursive: true })
  cwd.mockReturnValue(folder)
  hook()
  hook()
  expect(begin).toHaveBeenCalledOnce()
  const [url, { data, transferList }] = begin.mock.calls[0] ?? []
  expect([String(url), transferList]).toEqual([expect.stringMatching(/\/register\/hooks\.js$/), [data.port]])
  data.port.postMessage('baileys/lib/Socket')
  await vi.waitFor(() => expect(heard).toEqual(['baileys/lib/Socket']), { interval: 1 })
  for (const name of ['a', 'b']) data.port.postMessage(name)
  for (const tell of added()) Reflect.apply(tell, process, [0])
  expect(heard).toEqual(['baileys/lib/Socket', 'a', 'b'])
  data.port.close()
})
