// Beside the page, so that a phone may show its notifications, and a press on one leads back to it. It keeps nothing
// and answers no request.

interface Clicked {
  readonly notification: { close(): void; readonly data?: { readonly url?: string } }
  waitUntil(work: Promise<unknown>): void
}
interface Page {
  readonly url: string
  focus(): Promise<unknown>
}
interface WorkerScope {
  readonly clients: {
    matchAll(options: { readonly type: 'window' }): Promise<readonly Page[]>
    openWindow(url: string): Promise<unknown>
  }
  readonly registration: { readonly scope: string }
  addEventListener(type: 'notificationclick', listener: (event: Clicked) => void): void
}

const scope = globalThis as unknown as WorkerScope

scope.addEventListener('notificationclick', (event) => {
  event.notification.close()
  event.waitUntil(lead(event.notification.data?.url ?? scope.registration.scope))
})

async function lead(url: string): Promise<void> {
  const open = await scope.clients.matchAll({ type: 'window' })
  const page = open.find((one) => one.url.startsWith(scope.registration.scope))
  await (page ? page.focus() : scope.clients.openWindow(url))
}
