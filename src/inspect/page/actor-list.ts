import type { ActorMessage } from '../wire.ts'

/** The statecharts, each a button, with the services that run under it. */
export class ActorList {
  readonly #list: HTMLElement
  readonly #choose: (sessionId: string) => void

  constructor(list: HTMLElement, choose: (sessionId: string) => void) {
    this.#list = list
    this.#choose = choose
  }

  show(actors: Iterable<ActorMessage>, chosen: string | undefined): void {
    const all = [...actors]
    const focused = document.activeElement?.getAttribute('data-session')
    const items = all
      .filter(({ parentId }) => parentId === undefined)
      .map((root) => {
        const button = document.createElement('button')
        button.type = 'button'
        button.textContent = root.name
        button.dataset.session = root.sessionId
        button.setAttribute('aria-pressed', String(root.sessionId === chosen))
        button.addEventListener('click', () => this.#choose(root.sessionId))
        const services = document.createElement('ul')
        for (const { name, parentId } of all) {
          if (parentId !== root.sessionId) continue
          const service = document.createElement('li')
          service.textContent = `▸ ${name}`
          services.append(service)
        }
        const item = document.createElement('li')
        item.append(button, ...(services.childElementCount > 0 ? [services] : []))
        return item
      })
    this.#list.replaceChildren(...items)
    if (focused) this.#list.querySelector<HTMLElement>(`[data-session="${CSS.escape(focused)}"]`)?.focus()
  }
}
