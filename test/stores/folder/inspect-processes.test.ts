// @module-tag slow

import { spawnSync } from 'node:child_process'
import { chmod } from 'node:fs/promises'
import { dirname } from 'node:path'
import { describe, expect, test } from 'vitest'
import { inProject } from '../../root.ts'
import { storeOf } from '../account.ts'
import { codesOf, soundAccount } from './sound-account.ts'

const compiled = inProject('dist/src/stores/folder/file-store.js').href

describe('an inspection', () => {
  test('names the lock of an owner that was killed, and not that of a live one', async () => {
    const { folder, store } = await soundAccount()
    expect(codesOf((await store.inspect()).findings)).toEqual([])
    await store.release()
    const source = `
      const { fileAuthStore } = await import(${JSON.stringify(compiled)})
      await fileAuthStore(${JSON.stringify(folder)}).acquire()
      process.kill(process.pid, 'SIGKILL')`
    const { pid, signal } = spawnSync(process.execPath, ['--input-type=module', '-e', source])
    expect(signal).toBe('SIGKILL')
    const { findings } = await storeOf(folder).inspect()
    expect(codesOf(findings)).toEqual(['lock-stale'])
    expect(findings[0]?.message).toContain(String(pid))
    await store.acquire()
    expect(codesOf((await store.inspect()).findings)).toEqual([])
  })

  test('says that a folder cannot be written, before a save finds out', async () => {
    const { folder } = await soundAccount()
    const { findings } = await storeOf(folder, { isWritable: async (path) => path !== folder }).inspect()
    expect(findings).toMatchObject([
      { code: 'not-writable', severity: 'error', message: `This user cannot write into ${folder}` },
    ])
    if (process.platform === 'win32') return
    const source = `
      process.setuid?.(65534)
      const { fileAuthStore } = await import(${JSON.stringify(compiled)})
      const { findings } = await fileAuthStore(${JSON.stringify(dirname(folder))}).inspect()
      console.log(JSON.stringify(findings.map(({ code }) => code)))`
    await chmod(dirname(folder), 0o755)
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', source], { encoding: 'utf8' })
    if (process.getuid?.() === 0) expect(stdout).toContain('not-writable')
  })
})
