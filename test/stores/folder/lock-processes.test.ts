// @module-tag slow

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { systemProcesses } from '../../../src/stores/process-identity.ts'
import { inProject } from '../../root.ts'
import { numberOf } from '../../share.ts'
import { freshFolder, storeOf } from '../account.ts'
import { leaveClaim } from './left-claim.ts'

const compiled = fileURLToPath(inProject('dist/src/stores/folder/file-store.js'))
const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** A process that takes the lock, says how that went, and stays until killed. */
const owner = (folder: string) => {
  const source = `
    import { fileAuthStore } from ${JSON.stringify(compiled)}
    const store = fileAuthStore(${JSON.stringify(folder)})
    process.stdin.on('data', () => {
      store.acquire().then(() => console.log('owner'), error => console.log(error.code))
    })
    console.log('ready')
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['pipe', 'pipe', 'inherit'] })
  children.push(child)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const line = async () => String((await lines.next()).value)
  return { child, line, go: () => child.stdin.write('\n') }
}

describe('other processes', () => {
  test('a live owner elsewhere is respected and named; killed, it is followed at once', async () => {
    const folder = await freshFolder()
    const { child, line, go } = owner(folder)
    expect(await line()).toBe('ready')
    go()
    expect(await line()).toBe('owner')
    const store = storeOf(folder)
    await expect(store.acquire()).rejects.toMatchObject({
      code: 'AUTH_STORE_LOCKED',
      owner: { pid: child.pid, host: hostname() },
    })
    child.kill('SIGSTOP')
    await expect(store.acquire()).rejects.toMatchObject({ code: 'AUTH_STORE_LOCKED' })
    child.kill('SIGKILL')
    await once(child, 'exit')
    await store.acquire()
    expect(await store.owned()).toBe(true)
    expect((await readdir(join(folder, '.lifeline/lock'))).length).toBe(2)
  })

  test('of processes that take a dead one over at once exactly one wins', async () => {
    const folder = await freshFolder()
    const rounds = numberOf(3, 2)
    // The last round has three of them.
    const contenders = Array.from({ length: rounds + 2 }, () => owner(folder))
    for (const contender of contenders) expect(await contender.line()).toBe('ready')
    for (let round = 0; round < rounds; round++) {
      await leaveClaim(folder, { ...systemProcesses.self(), started: '1' })
      for (const contender of contenders) contender.go()
      const said = await Promise.all(contenders.map((contender) => contender.line()))
      expect(said.filter((word) => word === 'owner')).toHaveLength(1)
      expect(said.filter((word) => word === 'AUTH_STORE_LOCKED')).toHaveLength(contenders.length - 1)
      const won = contenders.findIndex((_, at) => said[at] === 'owner')
      const [winner] = contenders.splice(won, 1)
      winner?.child.kill('SIGKILL')
      if (winner) await once(winner.child, 'exit')
    }
  }, 60_000)
})

test.runIf(process.platform === 'linux')(
  'a process that has ended counts as gone, also while nobody asks how',
  async () => {
    // The shell becomes a program that never asks for the end of what the shell began: as in a container without an
    // init.
    const parent = spawn('sh', ['-c', 'sleep 1000 & echo $!; exec sleep 1000'], { stdio: ['ignore', 'pipe', 'ignore'] })
    try {
      const [line] = await once(createInterface(parent.stdout), 'line')
      const pid = Number(line)
      const fields = async () => {
        const text = await readFile(`/proc/${pid}/stat`, 'utf8')
        return text.slice(text.lastIndexOf(')') + 2).split(' ')
      }
      const owner = { ...systemProcesses.self(), pid, started: (await fields())[19] ?? '' }
      expect(systemProcesses.stateOf(owner)).toBe('alive')
      process.kill(pid, 'SIGKILL')
      await expect.poll(async () => (await fields())[0], { interval: 5 }).toBe('Z')
      expect(systemProcesses.stateOf(owner)).toBe('gone')
    } finally {
      parent.kill('SIGKILL')
    }
  },
)
