import { unlinkSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readWhole, readWholeNow } from '../stores/disk/whole-file.ts'

/** Where the dashboard of a running gateway is found, beside the credentials. Holds no secret. */
export interface DashboardAddress {
  readonly url: string
  readonly account: string
  /** Where its token is kept, if it is kept in a file. */
  readonly tokenFile?: string
  readonly pid: number
}

const name = 'dashboard.json'

export async function writeAddress(ownFolder: string, address: DashboardAddress): Promise<void> {
  await mkdir(ownFolder, { recursive: true, mode: 0o700 })
  const temporary = join(ownFolder, `${name}.${process.pid}`)
  await writeFile(temporary, `${JSON.stringify(address)}\n`, { mode: 0o600 })
  await rename(temporary, join(ownFolder, name))
}

export async function readAddress(ownFolder: string): Promise<DashboardAddress | undefined> {
  try {
    const value: unknown = JSON.parse((await readWhole(join(ownFolder, name))).toString('utf8'))
    if (typeof value !== 'object' || value === null || !('url' in value) || !('account' in value)) return undefined
    return typeof value.url === 'string' && typeof value.account === 'string' ? (value as DashboardAddress) : undefined
  } catch {
    return undefined
  }
}

/** Takes it away, unless another gateway has put its own there. */
export function removeAddress(ownFolder: string, url: string): void {
  try {
    const file = join(ownFolder, name)
    const { url: kept } = JSON.parse(readWholeNow(file).toString('utf8')) as Partial<DashboardAddress>
    if (kept === url) unlinkSync(file)
  } catch {
    // Gone already, or on a disk that is gone.
  }
}
