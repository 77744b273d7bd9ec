import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { fileAuthStore, LifelineError } from '../../src/index.ts'
import { inProject } from '../root.ts'
import { slow } from '../share.ts'
import { World } from './world.ts'

/** What lies in a folder, by name and content; the lock is left out. */
async function contents(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile()) found[path.slice(folder.length)] = (await readFile(path)).toString('base64')
  }
  return found
}

const refused = (error: unknown) => error instanceof LifelineError && error.remediation !== '' && error.message !== ''

describe('folders', () => {
  let world: World
  beforeAll(async () => {
    world = await World.open()
    await world.linkedFolder()
  }, 60_000)
  afterEach(() => world.calm())
  afterAll(() => world.close())

  test('a folder that is a file, or whose parent is missing, is refused and nothing is made', async () => {
    const place = world.folder()
    await mkdir(place)
    await writeFile(join(place, 'file'), 'mine')
    const before = await contents(place)
    for (const wrong of ['file', 'file/below', 'missing/account'])
      await expect(world.newcomer({}, join(place, wrong)).line.start()).rejects.toSatisfy(refused)
    expect(await contents(place)).toEqual(before)
  })

  test('files that are not ours are left alone, even by a prune of everything', async () => {
    const folder = await world.linkedFolder()
    await writeFile(join(folder, 'notes.txt'), 'mine')
    await writeFile(join(folder, 'session.json.bak'), 'mine')
    await mkdir(join(folder, 'backup'))
    const gateway = await world.newcomer({}, folder).up()
    await gateway.line.prune('all').catch(() => undefined)
    await gateway.until('healthy')
    await gateway.line.stop()
    expect(await readdir(folder)).toEqual(expect.arrayContaining(['notes.txt', 'session.json.bak', 'backup']))
  })

  test('a second supervisor on the folder, in this process or another, is refused, and the first goes on', {
    tags: [slow],
  }, async () => {
    const gateway = await (await world.gateway()).up()
    const second = world.newcomer({}, gateway.folder)
    await expect(second.line.start()).rejects.toSatisfy(refused)
    await expect(second.line.start()).rejects.toMatchObject({
      code: 'AUTH_STORE_LOCKED',
      message: expect.stringContaining(String(process.pid)),
    })
    expect(second.state).toBe('stopped')
    expect(gateway.state).toBe('healthy')
    await gateway.line.stop()
    await second.up()
    await second.line.stop()

    const holder = `
      const { fileAuthStore } = await import(${JSON.stringify(inProject('dist/src/index.js').href)})
      await fileAuthStore(${JSON.stringify(gateway.folder)}).acquire()
      console.log('held')
      setInterval(() => undefined, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', holder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      await once(child.stdout, 'data')
      const before = await contents(gateway.folder)
      await expect(gateway.line.start()).rejects.toMatchObject({ message: expect.stringContaining(String(child.pid)) })
      expect(await contents(gateway.folder)).toEqual(before)
    } finally {
      child.kill('SIGKILL')
      await once(child, 'close')
    }
    await gateway.up()
  })

  test('random bytes in any file of the folder never end supervision and never lose the credentials', {
    tags: [slow],
    timeout: 120_000,
  }, async () => {
    const pristine = await world.linkedFolder()
    const identity = JSON.parse(await readFile(join(pristine, 'creds.json'), 'utf8')).signedIdentityKey
    const names = (await readdir(pristine, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile() && !/pre-key-\d\d/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name).slice(pristine.length + 1))
    const damage = fc.record({
      name: fc.constantFrom(
        ...names,
        'session-4915.0.json',
        '.lifeline/promotion.json',
        '.lifeline/staging/creds.json',
      ),
      bytes: fc.oneof(
        fc.uint8Array({ maxLength: 64 }),
        fc.json().map((text) => Buffer.from(text)),
        fc.constant(Buffer.alloc(900)),
      ),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 5 }), async (damages) => {
        const folder = await world.linkedFolder()
        for (const { name, bytes } of damages) {
          await mkdir(join(folder, name, '..'), { recursive: true })
          await writeFile(join(folder, name), bytes)
        }
        const gateway = world.newcomer({}, folder)
        await gateway.start()
        await gateway.until(() => ['healthy', 'awaitingQr', 'blocked'].includes(gateway.state))
        const { state } = gateway
        await gateway.line.stop()
        const kept = Object.entries(await contents(folder))
          .filter(([name]) => name.includes('creds'))
          .map(([, content]) => Buffer.from(content, 'base64').toString('utf8'))
        const alive = kept.some((text) => text.includes(identity.public.data))
        // Only when every copy was damaged there is nothing left to keep.
        const all = damages.filter(({ name }) => name.includes('creds')).length
        expect(alive || all > 1).toBe(true)
        if (all === 0 && !damages.some(({ name }) => name.includes('lifeline'))) expect(state).toBe('healthy')
        expect(await fileAuthStore(folder).quarantined()).toBeDefined()
      }),
      { numRuns: 10, seed: 20_260_701, endOnFailure: true },
    )
  })
})
