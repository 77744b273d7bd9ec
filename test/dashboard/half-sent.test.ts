import { mkdtemp, readdir } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { mostConnections } from '../../src/dashboard/connection-limits.ts'
import { createDashboardWith } from '../../src/dashboard/dashboard.ts'
import { nodeFileSystem } from '../../src/stores/disk/file-system.ts'
import { ScriptedAccount } from '../line/scripted-account.ts'
import { ask } from './visitor.ts'

const token = 'a-token-of-more-than-128-bits'

test.each([
  [256, 1_024, 320],
  [256, 256, 128],
  [10_000, 1_024, 512],
  [1, 4, 8],
  [256, undefined, 320],
])(
  'with %i viewers and %j descriptors there are %i connections at most: half are kept back',
  (viewers, limit, most) => {
    expect(mostConnections(viewers, limit)).toBe(most)
  },
)

test.runIf(process.platform === 'linux')(
  'connections that send half a request are bounded and end; files are written meanwhile, and then the owner gets in',
  async () => {
    const limits = { most: 20, headersMs: 300, requestMs: 600, lookMs: 50 }
    const dashboard = createDashboardWith(new ScriptedAccount(), { token }, { limits })
    onTestFinished(() => dashboard.close())
    const { port, url } = await dashboard.serve({ port: 0 })
    /** Connections that the server has taken: what still waits in the system's queue has no descriptor. */
    const served = async () => {
      const lines = (await nodeFileSystem.readFile('/proc/self/net/tcp')).toString().split('\n')
      const hex = port.toString(16).toUpperCase().padStart(4, '0')
      const rows = lines.map((line) => line.trim().split(/\s+/))
      return rows.filter(
        ([, own, , state, , , , , , inode]) => own?.endsWith(`:${hex}`) && state === '01' && inode !== '0',
      ).length
    }
    const folder = await mkdtemp(join(tmpdir(), 'lifeline-half-'))
    const sockets: Socket[] = []
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy()
    })
    const ended: Promise<void>[] = []
    for (let n = 0; n < 200; n += 1) {
      const socket = connect(port, '127.0.0.1', () => socket.write('POST /api/session HTTP/1.1\r\nHost: 127.0.0.1\r\n'))
      sockets.push(socket)
      socket.on('error', () => undefined)
      socket.resume()
      ended.push(new Promise((resolve) => socket.once('close', () => resolve())))
    }
    let most = 0
    for (let n = 0; n < 20; n += 1) {
      most = Math.max(most, await served())
      await nodeFileSystem.writeFile(join(folder, String(n)), Buffer.from('x'), {
        flag: 'wx',
        mode: 0o600,
        flush: true,
      })
    }
    // A few more are taken in order to be dropped.
    expect(most).toBeLessThanOrEqual(2 * limits.most)
    expect((await readdir(folder)).length).toBe(20)
    // Each of them ends, although its sender says nothing more.
    await Promise.all(ended)
    const answer = await ask(url, '/status.json', { headers: { authorization: `Bearer ${token}` } })
    expect(answer.status).toBe(200)
  },
)
