/** A gateway that is played as it is on npm. */
export interface GatewayRow {
  readonly name: string
  /** In `programs/`: its host, which starts it and says what it is told. */
  readonly program: string
  /** What it calls its auth folder in the folder that it is started in. */
  readonly folder: string
  /** What is installed from npm; nothing: what this project has anyhow. */
  readonly packages: Readonly<Record<string, string>>
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
