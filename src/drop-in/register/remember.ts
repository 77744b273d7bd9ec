import { createHash } from 'node:crypto'
import { mkdir, readdir, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceJson } from '../../stores/disk/atomic-write.ts'
import { nodeFileSystem } from '../../stores/disk/file-system.ts'
import { type Remembered, rememberedPlace } from './remembered.ts'

const most = 500

/** Without a place for it the folder is mended when the program opens it, as any other. */
export async function remember(entry: Remembered): Promise<void> {
  try {
    const at = rememberedPlace()
    await mkdir(at, { recursive: true, mode: 0o700 })
    const name = createHash('sha256').update(entry.folder).digest('hex').slice(0, 32)
    await replaceJson(nodeFileSystem, join(at, `${name}.json`), entry)
    await forgetOldest(at)
  } catch {
    // A home that cannot be written to, as a container's.
  }
}

async function forgetOldest(at: string): Promise<void> {
  const names = await readdir(at)
  if (names.length <= most) return
  const ages = await Promise.all(names.map(async (name) => ({ name, at: (await stat(join(at, name))).mtimeMs })))
  const oldest = ages.sort((a, b) => a.at - b.at).slice(0, names.length - most)
  await Promise.all(oldest.map(({ name }) => unlink(join(at, name))))
}
