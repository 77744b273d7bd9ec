import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { inProject } from '../root.ts'

/** The package as it is built: what a process of its own imports. */
const builtFile = (name: string) => JSON.stringify(inProject(`dist/src/${name}`).href)
const built = builtFile('index.js')
const store = builtFile('stores/folder/file-store.js')
const identity = builtFile('stores/process-identity.js')

/** A real process beside the test's. What it prints, line by line, is heard here. */
export class OtherProcess {
  readonly #child: ChildProcess
  readonly #lines: string[] = []
  #waiting: { holds(line: string): boolean; resolve(line: string): void }[] = []

  private constructor(script: string) {
    this.#child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
      cwd: inProject('.'),
    })
    if (this.#child.stdout) createInterface(this.#child.stdout).on('line', (line) => this.#heard(line))
  }

  /** Takes the folder over, although its owner lives: as one does that holds the owner's host for dead. */
  static async owner(folder: string): Promise<OtherProcess> {
    const other = new OtherProcess(`
      const { fileAuthStore } = await import(${store})
      const { systemProcesses } = await import(${identity})
      const processes = { ...systemProcesses, stateOf: () => 'gone' }
      await fileAuthStore(${JSON.stringify(folder)}, { processes }).acquire()
      console.log('owned')
      setInterval(() => undefined, 1_000)`)
    await other.says((line) => line === 'owned')
    return other
  }

  /** Supervises the account with Baileys 7 and prints each state as it is entered. */
  static gateway(folder: string, url: string, rootKey: string, policy: object): OtherProcess {
    return new OtherProcess(`
      import { makeWASocket, WA_CERT_DETAILS } from '@whiskeysockets/baileys'
      import { createLifeline } from ${built}
      for (const method of ['info', 'warn', 'error']) console[method] = () => undefined
      Object.assign(WA_CERT_DETAILS, { PUBLIC_KEY: Buffer.from(${JSON.stringify(rootKey)}, 'hex') })
      const config = { waWebSocketUrl: ${JSON.stringify(url)}, fireInitQueries: false, shouldSyncHistoryMessage: () => false }
      const line = createLifeline({
        auth: ${JSON.stringify(folder)},
        policy: ${JSON.stringify(policy)},
        connect: ({ auth, logger }) => makeWASocket({ ...config, auth, logger }),
      })
      line.on('status', ({ state, message, userAction }) => console.log(JSON.stringify({ state, message, userAction })))
      await line.start()`)
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** The next line that fits, or one that was printed since the last that did. */
  says(holds: (line: string) => boolean): Promise<string> {
    const at = this.#lines.findIndex(holds)
    if (at >= 0) return Promise.resolve(this.#lines.splice(0, at + 1).at(-1) ?? '')
    return new Promise((resolve) => this.#waiting.push({ holds, resolve }))
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Ends it without a word. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const closed = once(this.#child, 'close')
    this.#child.kill('SIGKILL')
    await closed
  }

  #heard(line: string): void {
    const due = this.#waiting.filter(({ holds }) => holds(line))
    this.#waiting = this.#waiting.filter((one) => !due.includes(one))
    if (due.length === 0) this.#lines.push(line)
    for (const { resolve } of due) resolve(line)
  }
}
