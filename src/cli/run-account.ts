import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { destination, pino } from 'pino'
import { muteConsole } from '../baileys/muted-console.ts'
import { endWithNpm } from '../drop-in/register/parent.ts'
import { LifelineError } from '../errors/errors.ts'
import type { Inspector } from '../inspect/index.ts'
import type { Language } from '../languages/language.ts'
import { translationInto } from '../languages/packed.ts'
import { createLifeline } from '../line/create-lifeline.ts'
import { deafInARow } from '../line/deaf-links.ts'
import type { Lifeline } from '../line/lifeline.ts'
import { stateSteps } from '../line/state-steps.ts'
import { nodeFileSystem } from '../stores/disk/file-system.ts'
import { foldersBelow } from '../stores/folder/inspect.ts'
import { layoutOf } from '../stores/layout.ts'
import { storeOf } from './auth-folder.ts'
import { openDashboard } from './dashboard.ts'
import { exitCodes } from './failure.ts'
import { given } from './given.ts'
import { complain, print } from './output.ts'
import { paintFor } from './paint.ts'
import { projectBaileys } from './project-baileys.ts'
import { proxyAgent } from './proxy.ts'
import { deafLinks, phoneOf, policyIn, type RunOptions, testServer } from './run-options.ts'
import { jsonScreen, type RunScreen, textScreen } from './run-screen.ts'
import { waVersion } from './wa-version.ts'

/** Supervises until a signal comes; resolves with the exit code. */
export async function runAccount(options: RunOptions): Promise<number> {
  const policy = await policyIn(options.policy)
  const versionOf = waVersion(options.waVersion, complain)
  const server = testServer(options)
  const deaf = deafLinks(options.exitWhenDeaf)
  phoneOf(options.phone)
  await refuseParent(options.auth)
  const agent = await proxyAgent(options.proxy)
  const baileys = await projectBaileys()
  const { account, auth, logLevel, observe, expectedNumber, language } = options
  if (server?.rootKey !== undefined)
    Object.assign(baileys.WA_CERT_DETAILS, { PUBLIC_KEY: Buffer.from(server.rootKey, 'hex') })
  const inspection = await openInspector(options)
  const line = createLifeline({
    account,
    auth: await storeOf(auth),
    policy,
    mode: observe ? 'observe' : 'heal',
    ...given({ inspect: inspection?.inspect, expectedNumber, language }),
    logger: pino({ level: logLevel }, destination({ dest: 2, sync: true })),
    connect: async ({ auth, logger, getMessage, caches }) =>
      baileys.makeWASocket({
        auth,
        logger,
        getMessage,
        ...caches,
        ...given({ version: await versionOf(baileys), agent }),
        ...(server === undefined ? {} : { waWebSocketUrl: server.url, fireInitQueries: false }),
      }),
  })
  if (!options.json && !existsSync(join(auth, 'creds.json')))
    print(speakIn(language)(`There is no account in ${resolve(auth)} yet. If you expected one, check the path.`))
  return runToItsEnd(line, options, deaf).finally(() => inspection?.close())
}

/** A code for a folder that holds accounts in folders of their own would link a second device beside one of them. */
async function refuseParent(auth: string): Promise<void> {
  const folder = resolve(auth)
  const namesIn = (path: string): Promise<readonly string[]> => readdir(path).catch((): string[] => [])
  const names = await namesIn(folder)
  // With good copies of credentials it is an account that has lost its own.
  if (names.includes('creds.json') || (await namesIn(layoutOf(folder).generations)).length > 0) return
  const [first] = await foldersBelow(nodeFileSystem, folder, names)
  if (first === undefined) return
  throw new LifelineError(
    'AUTH_FOLDER_PARENT',
    `${folder} holds no account: an account lies in ${first}/. No code was shown.`,
    `Give --auth ${join(folder, first)}. For one more account give a folder of its own, which may be new.`,
  )
}

/** The page is named on stderr, where it stands in nobody's way. */
async function openInspector({ inspect }: RunOptions): Promise<Inspector | undefined> {
  if (!inspect) return undefined
  const { inspector } = await import('../inspect/index.ts')
  const opened = await inspector()
  complain(`Inspector: ${opened.url}`)
  return opened
}

/** Resolves with the exit code once a signal came, or `deaf` dead connections in a row, and everything is let go of. */
async function runToItsEnd(line: Lifeline, options: RunOptions, deaf: number | undefined): Promise<number> {
  endWithNpm()
  const unmute = muteConsole()
  const screen = screenOf(options)
  show(line, screen)
  if (options.phone !== undefined) linkByPhone(line, options.phone)
  // A socket-less state may have no timer of its own, and the lock's heartbeat holds no process.
  const alive = setInterval(() => undefined, 2 ** 30)
  try {
    const ended: Promise<number> = Promise.race([
      signal().then(() => exitCodes.well),
      ...(deaf === undefined ? [] : [deafInARow(line, deaf).then(() => exitCodes.again)]),
    ])
    await line.start()
    try {
      // Only the owner of the folder may say in it where his dashboard is.
      const opened = await openDashboard(line, options)
      if (opened) screen.dashboard(opened)
      const code = await ended
      if (code === exitCodes.again)
        complain(
          `lifeline: ${deaf} connections in a row were dead and brought no message. This process ends, so that a new one can start.`,
        )
      await opened?.dashboard.close()
      return code
    } finally {
      await line.stop()
    }
  } finally {
    clearInterval(alive)
    unmute()
  }
}

function screenOf({ json, phone, showCode, qr, language = 'en' }: RunOptions): RunScreen {
  const out = json ? process.stderr : process.stdout
  const paint = paintFor(out)
  // In a file or a pipe one change of state is one line, whatever its length.
  const unwrapped = out.isTTY ? paint : { ...paint, width: Number.POSITIVE_INFINITY }
  const parts = {
    paint: unwrapped,
    drawsCodes: out.isTTY === true || showCode === true,
    onTerminal: out.isTTY === true,
    byPhone: phone !== undefined,
    qr,
    speak: speakIn(language),
  }
  return json ? jsonScreen(parts) : textScreen(parts)
}

/** A terminal is given no marks for the direction of writing: it has rules of its own. */
function speakIn(language: Language = 'en'): (text: string) => string {
  const translation = translationInto(language)
  return (text) => translation?.of(text).replace(/[\u2068\u2069]/g, '') ?? text
}

function show(line: Lifeline, screen: RunScreen): void {
  stateSteps(line, ({ status, why }) => screen.state(status, why))
  line.on('status', (status) => screen.status(status))
  line.on('qr', (qr) => screen.code(qr))
  line.on('notice', (notice) => screen.notice(notice))
}

/** Asks for the characters whenever a code comes to be needed. */
function linkByPhone(line: Lifeline, phone: string): void {
  stateSteps(line, ({ state }) => {
    if (state === 'awaitingQr')
      line.requestPairingCode(phone).catch((error: Error) => complain(`lifeline: ${error.message}`))
  })
}

function signal(): Promise<void> {
  return new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => resolve())
  })
}
