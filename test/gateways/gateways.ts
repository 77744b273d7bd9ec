/** A gateway that is played as it is on npm. */
export interface GatewayRow {
  readonly name: string
  /** In `programs/`: its host, which starts it and says what it is told. */
  readonly program: string
  /** What Node is given before it. */
  readonly args?: readonly string[]
  /** What it calls its auth folder in the folder that it is started in. */
  readonly folder: string
  /** What is installed from npm; nothing: what this project has anyhow. */
  readonly packages: Readonly<Record<string, string>>
  /** What of these is not needed, and in whose place something small is installed. */
  readonly without?: readonly string[]
  /** Its own names for Baileys. */
  readonly baileys: string
  /** Alone it counts as lost after this long, ms: several of its own pauses between two dials. */
  readonly patienceMs: number
}

export const gateways: readonly GatewayRow[] = [
  {
    name: "Baileys' example loop",
    program: 'example.mjs',
    folder: 'baileys_auth_info',
    packages: {},
    baileys: '@whiskeysockets/baileys',
    patienceMs: 30_000,
  },
  {
    name: '@elizaos/plugin-whatsapp',
    program: 'eliza.mjs',
    folder: 'auth',
    packages: { '@elizaos/plugin-whatsapp': '2.0.0-beta.1' },
    baileys: '@whiskeysockets/baileys',
    patienceMs: 40_000,
  },
  {
    name: '@builderbot/provider-baileys',
    program: 'builderbot.mjs',
    folder: 'bot_sessions',
    packages: { '@builderbot/provider-baileys': '1.3.13', '@builderbot/bot': '1.3.13' },
    baileys: 'baileys',
    patienceMs: 40_000,
  },
]

/** Ways in which people start the same loop. */
export const ways: readonly GatewayRow[] = [
  { name: 'a CommonJS gateway on Baileys 6', program: 'common.cjs', baileys: 'baileys-6' },
  { name: 'a gateway in a worker thread', program: 'worker.mjs' },
  { name: 'a gateway under node --watch', program: 'example.mjs', args: ['--watch'] },
  {
    name: 'a TypeScript gateway by tsx',
    program: 'typed.ts',
    args: ['--import', 'tsx'],
    packages: { tsx: '4.23.15', '@whiskeysockets/baileys': '7.0.0-rc14', 'node-cache': '5.1.2' },
  },
].map((row) => ({
  folder: 'baileys_auth_info',
  packages: {},
  baileys: '@whiskeysockets/baileys',
  patienceMs: 30_000,
  ...row,
}))

/** The gateway that is played as a whole process, on Node 22: 2026.1.24-3, 400 MB of modules. */
export const clawdbot: GatewayRow = {
  name: 'clawdbot',
  program: 'node_modules/clawdbot/dist/entry.js',
  folder: 'credentials/whatsapp/default',
  packages: { clawdbot: '2026.1.24-3' },
  without: ['node-llama-cpp'],
  baileys: '@whiskeysockets/baileys',
  patienceMs: 60_000,
}
