import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nodeFileSystem } from '../../../../src/stores/disk/file-system.ts'
import type { Delays } from '../../../../src/stores/folder/journal/delays.ts'
import { digestOf } from '../../../../src/stores/folder/journal/digest.ts'
import { FolderWrites } from '../../../../src/stores/folder/journal/folder-writes.ts'
import { leftIn } from '../../../../src/stores/folder/journal/outstanding.ts'
import { gate } from '../../../gate.ts'
import { CountingDisk, emptyFolder } from './parts.ts'

const page = 4_096
const stepBytes = 4 * page

/** Timers that fire when the test says so, and tell for how long they were set, and whether the process waits. */
class ToldDelays implements Delays {
  readonly set: string[] = []
  #due: { readonly step: () => void }[] = []
  soon(step: () => void): void {
    setImmediate(step)
  }
  setTimeout(step: () => void, ms: number) {
    const at = this.set.push(`${ms}`) - 1
    const delay = {
      step,
      unref: () => {
        this.set[at] = `${ms} unref`
      },
    }
    this.#due.push(delay)
    return delay
  }
  clearTimeout(delay: object): void {
    this.#due = this.#due.filter((other) => other !== delay)
  }
  get waiting(): number {
    return this.#due.length
  }
  /** What waits has waited long enough; until something waits again. */
  async pass(): Promise<readonly string[]> {
    this.fire()
    while (this.#due.length === 0) await new Promise(setImmediate)
    return this.set.splice(0)
  }
  fire(): void {
    for (const { step } of this.#due.splice(0)) step()
  }
}

async function writesIn(step = stepBytes) {
  const folder = await emptyFolder()
  const home = await emptyFolder()
  const disk = new CountingDisk()
  const delays = new ToldDelays()
  const told: (string | undefined)[] = []
  const state = { owned: true, looks: 0 }
  const writes = new FolderWrites({
    ...{ fs: disk.fileSystem, folder, home, location: 'here', delays, now: () => 7, stepBytes: step },
    owned: async () => {
      state.looks += 1
      return state.owned
    },
    onTrouble: (failure) => told.push(failure?.message),
  })
  const write = (name: string, text: string | null) => writes.write([[name, text === null ? null : Buffer.from(text)]])
  const read = (name: string) => readFile(join(folder, name), 'utf8').catch(() => null)
  return { home, disk, delays, told, state, writes, write, read }
}

test('files follow after two looks, and the journal is emptied once nothing was written for five seconds', async () => {
  const { disk, delays, state, writes, write, read } = await writesIn()
  await write('a', '1')
  expect([delays.set.splice(0), await read('a')]).toEqual([['500'], null])
  expect([await delays.pass(), await read('a')]).toEqual([['500'], null])
  // Whose the folder is, is asked where something is to be put in its place.
  expect(state.looks).toBe(0)
  // A process that has nothing else to do may end from here on.
  expect([await delays.pass(), await read('a')]).toEqual([['5000 unref'], '1'])
  disk.taken()
  delays.fire()
  await expect.poll(() => disk.asked.length, { interval: 1 }).toBe(3)
  await writes.settle()
  expect(disk.taken()).toEqual(['sync file', 'sync folder', `append ${page}`])
  expect([delays.waiting, writes.busy]).toEqual([0, false])
})

test('a write while the files rest puts the look at them back to half a second', async () => {
  const { delays, write } = await writesIn()
  await write('a', '1')
  await delays.pass()
  await delays.pass()
  await write('b', '2')
  expect([delays.set.splice(0), delays.waiting]).toEqual([['500'], 1])
  await write('c', '3')
  expect([delays.set.splice(0), delays.waiting]).toEqual([[], 1])
})

test('creds.json stands in its place once its write is answered', async () => {
  const { write, read, state, delays } = await writesIn()
  await write('creds.json', '1')
  expect(await read('creds.json')).toBe('1')
  state.owned = false
  await write('creds.json', '2')
  expect([await read('creds.json'), delays.waiting]).toEqual(['1', 0])
})

test('files that are due are not put in their place once the folder is not ours any more', async () => {
  const { delays, state, told, write, writes, read } = await writesIn()
  await write('a', '1')
  await delays.pass()
  state.owned = false
  delays.fire()
  // Behind the look that has begun.
  await writes.settle()
  expect([await read('a'), delays.waiting, told]).toEqual([null, 0, []])
})

test('trouble is told, waits twice as long each time, up to half a minute, and is told to be over once', async () => {
  const { disk, delays, told, write, writes, read } = await writesIn()
  await write('a', '1')
  await delays.pass()
  expect(writes.unfinished).toEqual([])
  disk.refuses = (call) => (call === 'rename' ? 'ENOSPC' : undefined)
  const pauses: (readonly string[])[] = []
  for (let look = 0; look < 8; look += 1) pauses.push(await delays.pass())
  expect(pauses.flat()).toEqual(['1000', '2000', '4000', '8000', '16000', '30000', '30000', '30000'])
  expect(new Set(told)).toEqual(
    new Set([
      'The disk failed with ENOSPC while putting files in place in here. What was stored before is still there.',
    ]),
  )
  expect(writes.unfinished).toEqual(['a'])
  disk.refuses = () => undefined
  expect([await delays.pass(), await read('a'), told.at(-1)]).toEqual([['5000 unref'], '1', undefined])
  const count = told.length
  await writes.settle()
  expect([told.length, writes.unfinished]).toEqual([count, []])
})

test('writes of one moment share an append; where they do not fit together each is tried by itself', async () => {
  const { disk, write, writes, read } = await writesIn()
  await Promise.all([write('a', '1'), write('b', '2'), write('c', '3')])
  expect(disk.taken().filter((call) => call.startsWith('append'))).toEqual([`append ${stepBytes}`])
  disk.refuses = (call) => (call.startsWith('append') && Number(call.slice(7)) > page ? 'ENOSPC' : undefined)
  const ends = await Promise.allSettled([write('d', 'x'.repeat(2 * page)), write('e', '5')])
  expect(ends.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
  expect(ends[0]).toMatchObject({
    reason: {
      code: 'AUTH_STORE_DISK',
      errno: 'ENOSPC',
      message: expect.stringContaining('noting what is to be written'),
    },
  })
  disk.taken()
  // Alone it is tried once.
  await expect(write('f', 'x'.repeat(2 * page))).rejects.toMatchObject({ errno: 'ENOSPC' })
  expect(disk.taken().filter((call) => call === `append ${3 * page}`)).toHaveLength(1)
  disk.refuses = (call) => (call.startsWith('append') ? 'EACCES' : undefined)
  const refused = await Promise.allSettled([write('g', '7'), write('h', '8')])
  expect(refused.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  disk.refuses = () => undefined
  await writes.settle()
  expect([await read('c'), await read('d'), await read('e'), await read('g')]).toEqual(['3', null, '5', null])
})

test('what is on its way is what a read sees: the newest of what waits, what is written and what stands behind', async () => {
  const { writes, write, delays } = await writesIn()
  const text = (name: string) => {
    const content = writes.ahead(name)
    return content ? Buffer.from(content).toString() : content
  }
  await write('a', '1')
  const second = write('a', '2')
  const gone = write('b', null)
  expect([text('a'), text('b'), text('c'), writes.busy]).toEqual(['2', null, undefined, true])
  expect([...writes.allAhead()].map(([name]) => name).sort()).toEqual(['a', 'b'])
  await Promise.all([second, gone])
  expect([text('a'), writes.busy]).toEqual(['2', false])
  await delays.pass()
  await delays.pass()
  expect([text('a'), text('b'), [...writes.allAhead()]]).toEqual([undefined, undefined, []])
})

test('while a content is written and a newer one waits, the newest is what a read sees', async () => {
  const { disk, writes, write } = await writesIn()
  const seen = () => ['a', 'b'].map((name) => Buffer.from(writes.ahead(name) ?? '').toString())
  await Promise.all([write('a', '1'), write('b', '1')])
  const appending = gate()
  disk.waits = (call) => (call.startsWith('append') ? appending.wait() : undefined)
  const second = Promise.all([write('a', '2'), write('b', '2')])
  await appending.reached
  expect([seen(), writes.busy]).toEqual([['2', '2'], true])
  const third = write('a', '3')
  expect(seen()).toEqual(['3', '2'])
  const all = [...writes.allAhead()].map(([name, content]) => [name, Buffer.from(content ?? '').toString()])
  expect(new Map(all as [string, string][])).toEqual(new Map(Object.entries({ a: '3', b: '2' })))
  appending.pass()
  await Promise.all([second, third])
  expect([seen(), writes.busy]).toEqual([['3', '2'], false])
})

test('nothing is asked of the disk where there is nothing to write, nor to put in its place', async () => {
  const { disk, delays, writes } = await writesIn()
  await writes.write([])
  await writes.settle()
  await writes.stand()
  expect([disk.taken(), delays.set, writes.busy]).toEqual([[], [], false])
})

test('files are made durable beside what is written, and the journal is emptied only once their folder is', async () => {
  const { disk, writes, write, read } = await writesIn()
  await write('a', '1')
  const [writing, syncing] = [gate(), gate()]
  disk.waits = (call) => {
    if (call === 'write durably') return writing.wait()
    return call === 'sync folder' ? syncing.wait() : undefined
  }
  let settled = false
  const settling = writes.settle().then(() => {
    settled = true
  })
  await writing.reached
  expect(writes.busy).toBe(true)
  await write('b', '2')
  expect([settled, writes.busy]).toEqual([false, true])
  disk.taken()
  writing.pass()
  await syncing.reached
  await turns()
  expect(disk.taken().filter((call) => call.startsWith('append'))).toEqual([])
  syncing.pass()
  await settling
  expect(disk.taken()).toEqual([`append ${page}`])
  expect([await read('a'), await read('b'), writes.busy]).toEqual(['1', '2', false])
  // What waits for its time keeps nobody.
  await write('c', '3')
  expect(writes.busy).toBe(false)
})

test('what was read of a file is what its next content replaces: once, the newest read alone, and none beside a write', async () => {
  const { home, writes, write } = await writesIn()
  const replaced = async () => {
    const { files } = await leftIn(nodeFileSystem, home)
    return Object.fromEntries(files.map(({ name, replaces }) => [name, replaces && [...replaces]]))
  }
  const bytes = (text: string) => Buffer.from(text)
  const found = writes.looking('a')
  found(bytes('0'))
  found(bytes('of before'))
  writes.looking('b')(bytes('0'))
  const late = writes.looking('b')
  const silent = writes.looking('c')
  const [first, second] = [writes.looking('d'), writes.looking('d')]
  first(bytes('of before'))
  second(bytes('0'))
  silent()
  for (const name of ['a', 'b', 'c', 'd']) await write(name, '1')
  late(bytes('of before'))
  await write('b', '2')
  const known = [digestOf(bytes('0'))]
  expect(await replaced()).toEqual({ a: known, b: known, c: undefined, d: known })
  // Whoever moves files may put others there.
  await writes.stand()
  await write('a', '2')
  expect(await replaced()).toEqual({ a: undefined })
})

test('the journal of an account that is never quiet is emptied after a hundred and twenty looks', async () => {
  const { disk, delays, write } = await writesIn(64 * page)
  await write('a', 'first')
  disk.taken()
  for (let look = 0; look < 120; look += 1) {
    await write('a', `${look}`)
    await delays.pass()
  }
  expect(disk.taken()).not.toContain('sync folder')
  await write('a', 'last')
  delays.fire()
  await expect.poll(() => disk.asked, { interval: 1 }).toContain('sync folder')
})

test('all stands in its place for whoever moves files, and no journal is left for whoever takes the folder away', async () => {
  const { disk, writes, write, read, delays, state } = await writesIn()
  await write('a', '1')
  await writes.stand()
  expect([await read('a'), disk.open]).toEqual(['1', 1])
  await write('b', '2')
  await writes.leave()
  expect([await read('b'), disk.open]).toEqual(['2', 0])
  await write('c', '3')
  state.owned = false
  await expect(writes.stand()).rejects.toMatchObject({ code: 'AUTH_STORE_FENCED' })
  expect([await read('c'), delays.waiting]).toEqual([null, 0])
  await expect(write('d', '4')).rejects.toMatchObject({ code: 'AUTH_STORE_FENCED' })
})

test('nothing is written once it has ended, and what does not stand then is left in the journal', async () => {
  const { disk, writes, write, read, delays } = await writesIn()
  await write('a', '1')
  await writes.end()
  expect([await read('a'), disk.open, delays.waiting]).toEqual(['1', 0, 0])
  await expect(write('b', '2')).rejects.toMatchObject({ code: 'AUTH_STORE_FENCED' })
  const other = await writesIn()
  await other.write('a', '1')
  other.disk.refuses = (call) => (call === 'rename' ? 'EIO' : undefined)
  await other.writes.end()
  expect([await other.read('a'), other.disk.open, other.delays.waiting]).toEqual([null, 0, 0])
})

test('a folder is given up once what is being written there has ended, and its journal is let go of', async () => {
  const { disk, writes, write, delays } = await writesIn()
  await write('a', '1')
  let pass: () => void = () => undefined
  const held = new Promise<void>((resolve) => (pass = resolve))
  const appending = new Promise<void>((resolve) => {
    disk.waits = (call) => {
      if (!call.startsWith('append')) return undefined
      resolve()
      return held
    }
  })
  const late = write('b', '2')
  await appending
  const done: string[] = []
  const abandoned = writes.abandon().then(() => done.push(`given up, ${disk.open} open`))
  await turns()
  expect([done, disk.open, delays.waiting]).toEqual([[], 1, 0])
  pass()
  await Promise.all([late.then(() => done.push('written')), abandoned])
  expect(done.toSorted()).toEqual(['given up, 0 open', 'written'])
  await expect(write('c', '3')).rejects.toMatchObject({ code: 'AUTH_STORE_FENCED' })
})

/** What needs no more than some turns of the event loop has happened. */
const turns = async () => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate)
}

test('a full journal is emptied at once, and made anew with what stands nowhere else while a file cannot be written', async () => {
  const { disk, writes, write, read } = await writesIn()
  for (let round = 0; round < 2; round += 1) {
    disk.taken()
    for (let at = 0; at < 34; at += 1) await write('a', String(at))
    await expect.poll(() => disk.asked.filter((call) => call === 'sync folder').length, { interval: 1 }).toBe(2 - round)
    await writes.settle()
    expect(await read('a')).toBe('33')
  }
  let refusing = true
  disk.refuses = (call) => (refusing && call === 'write durably' ? 'EACCES' : undefined)
  disk.taken()
  for (let at = 0; at < 40; at += 1) await write('b', String(at))
  await expect.poll(() => disk.asked, { interval: 1 }).toContain('create')
  refusing = false
  await writes.settle()
  expect(await read('b')).toBe('39')
})
