// @module-tag slow

import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Resvg } from '@resvg/resvg-js'
import { describe, expect, test } from 'vitest'
import { drawings } from '../../diagrams/drawings.ts'
import { inProject } from '../root.ts'
import { day, whole } from '../share.ts'
import { drawn } from './drawn.ts'

const onDisk = (name: string): Promise<Buffer> => readFile(fileURLToPath(inProject(`diagrams/${name}`)))

const sizeOf = (png: Buffer): readonly number[] => [png.readUInt32BE(16), png.readUInt32BE(20)]

function pixelsOf(png: Buffer): Buffer {
  const [width, height] = sizeOf(png)
  const image = `<image width="${width}" height="${height}" href="data:image/png;base64,${png.toString('base64')}"/>`
  return new Resvg(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${image}</svg>`,
  ).render().pixels
}

/** How many bytes of the pixels differ by more than the eye sees; another processor may round otherwise. */
function differing(a: Buffer, b: Buffer): number {
  let count = 0
  for (let index = 0; index < a.length; index++) if (Math.abs((a[index] ?? 0) - (b[index] ?? 0)) > 8) count++
  return count
}

const now = (name: string): string | Buffer => drawn.find((drawing) => drawing.name === name)?.content() ?? ''

describe('The files in diagrams/', () => {
  test.each(['overview.svg', 'connection.svg', 'overview.mmd', 'connection.mmd', 'connection.json'])(
    '%s is what the machine gives now; if not, run npm run diagrams',
    async (name) => {
      expect((await onDisk(name)).toString() === now(name)).toBe(true)
    },
  )

  test.each(['overview.png', 'overview-dark.png', 'connection.png', 'connection-dark.png'])(
    '%s shows what the machine gives now; if not, run npm run diagrams',
    async (name) => {
      const [old, made] = [await onDisk(name), Buffer.from(now(name))]
      expect(sizeOf(old)).toEqual(sizeOf(made))
      if (!old.equals(made)) expect(differing(pixelsOf(old), pixelsOf(made))).toBeLessThan(old.length / 1000)
    },
  )

  // Laid out twice, which takes as long as all the rest: on one day of three.
  test.skipIf(!whole && day % 3 !== 0)('come out the same when everything is laid out again', async () => {
    for (const { name, content } of await drawings())
      if (!name.endsWith('.png')) expect(content() === now(name), name).toBe(true)
  })
})
