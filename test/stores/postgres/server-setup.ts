import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startServer, type TestServer } from './server.ts'

/**
 * One PostgreSQL for all test files, started when the first of them asks: workers ask this process over HTTP, which
 * outlives them all. `LIFELINE_TEST_POSTGRES` names a server to use in its place.
 */
export default async function setup(): Promise<() => Promise<void>> {
  let server: Promise<TestServer> | undefined
  const desk = createServer((_request, response) => {
    server ??= startServer()
    server
      .then((started) => started.newDatabase())
      .then(
        (url) => response.end(url),
        (error: unknown) => {
          response.statusCode = 500
          response.end(String(error))
        },
      )
  })
  await new Promise<void>((resolve) => desk.listen(0, '127.0.0.1', resolve))
  process.env.LIFELINE_TEST_DATABASES = `http://127.0.0.1:${(desk.address() as AddressInfo).port}`
  return async () => {
    desk.closeAllConnections()
    desk.close()
    await (await server?.catch(() => undefined))?.stop()
  }
}
