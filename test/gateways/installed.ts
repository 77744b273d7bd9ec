import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { inProject } from '../root.ts'
import type { GatewayRow } from './gateways.ts'

const run = promisify(execFile)
const cache = fileURLToPath(inProject('node_modules/.cache/lifeline/gateways'))

/**
 * What @elizaos/plugin-whatsapp takes from its host when it is loaded. The host of this version is not on npm; the
 * client that is played here, and its loop, use nothing of it.
 */
const elizaHost = `
export class Service {}
export const logger = console
export const ChannelType = {}
const unused = () => { throw new Error('the host is not here') }
export { unused as getConnectorAccountManager, unused as checkPairingAllowed, unused as isInAllowlist }
export { unused as createUniqueUuid, unused as lifeOpsPassiveConnectorsEnabled }
`

/**
 * The folder with the modules of a gateway, as npm has it and with no script run: fetched once into
 * `node_modules/.cache/lifeline/gateways`.
 */
export async function installed({ program, packages, without = [] }: GatewayRow): Promise<string> {
  if (Object.keys(packages).length === 0) return fileURLToPath(inProject('node_modules'))
  const place = join(cache, program.replace(/^node_modules\/|\/.*$|\.\w+$/g, ''))
  if (existsSync(place)) return join(place, 'node_modules')
  let fetching = onTheirWay.get(place)
  if (fetching === undefined) {
    fetching = fetchInto(place, packages, without)
    onTheirWay.set(place, fetching)
  }
  await fetching
  return join(place, 'node_modules')
}

/** Both arms ask for the same one at once. */
const onTheirWay = new Map<string, Promise<void>>()

async function fetchInto(place: string, packages: GatewayRow['packages'], without: readonly string[]): Promise<void> {
  await mkdir(cache, { recursive: true })
  const draft = await mkdtemp(join(cache, 'draft-'))
  const small = Object.fromEntries(without.map((name) => [name, 'npm:picocolors@1.1.1']))
  // Baileys names libsignal by a Git address.
  const project = { private: true, dependencies: packages, overrides: { libsignal: '6.0.0', ...small } }
  await writeFile(join(draft, 'package.json'), JSON.stringify(project))
  await run('npm', ['install', '--ignore-scripts', '--legacy-peer-deps', '--no-audit', '--no-fund'], { cwd: draft })
  if ('@elizaos/plugin-whatsapp' in packages) {
    const host = join(draft, 'node_modules/@elizaos/core')
    await mkdir(host, { recursive: true })
    await writeFile(join(host, 'package.json'), JSON.stringify({ name: '@elizaos/core', type: 'module', main: 'i.js' }))
    await writeFile(join(host, 'i.js'), elizaHost)
  }
  await rename(draft, place).catch(() => rm(draft, { recursive: true, force: true }))
}
