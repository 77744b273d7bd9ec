import { mkdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Leaves the lock of an owner as it would stand there, `agoMs` after its last heartbeat. */
export const leaveClaim = async (folder: string, owner: object | string, agoMs = 0) => {
  const place = join(folder, '.lifeline/lock')
  await mkdir(place, { recursive: true, mode: 0o700 })
  const path = join(place, 'claim-00000000000000aa.json')
  await writeFile(path, typeof owner === 'string' ? owner : JSON.stringify(owner))
  await writeFile(join(place, 'owner-00000000000000aa'), '')
  const at = new Date(Date.now() - agoMs)
  await utimes(path, at, at)
}
