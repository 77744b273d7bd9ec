import type { AccountView } from '../wire.ts'
import type { Accounts } from './accounts.ts'
import { h, onChange } from './element.ts'
import type { Standing } from './standing.ts'

const words = {
  search: 'Search accounts',
  placeholder: 'Name, number or state',
  filter: 'Filter',
  state: 'State',
  host: 'Host',
  everyHost: 'Every host',
  troubles: 'Troubles by cause',
  trouble: (accounts: number, cause: string) => `${accounts} accounts: ${cause}`,
} as const

/** What a person may want to see of the states. */
const choices: readonly (readonly [name: string, words: string, is: (standing: Standing) => boolean])[] = [
  ['all', 'Every state', () => true],
  ['calls', 'Needs somebody', ({ calls }) => calls],
  ['open', 'Connected', ({ open }) => open],
  ['away', 'Not connected', ({ tone, open }) => !open && tone !== 'healing' && tone !== 'unknown'],
  ['healing', 'Connected, in trouble', ({ tone }) => tone === 'healing'],
  ['unknown', 'Nothing heard of', ({ tone }) => tone === 'unknown'],
]

/** Troubles named at once; one that a single account has stands in its row. */
const mostTroubles = 5
const leastAccounts = 2

type Group = readonly [cause: string, accounts: number]

/** Which of many accounts are listed: by name, state and host, and by a trouble that several have. */
export class AccountFilter {
  readonly search: HTMLInputElement
  /** The search, the choices of state and host, and the troubles. */
  readonly elements: readonly HTMLElement[]
  readonly #accounts: Accounts
  readonly #changed: () => void
  readonly #state: HTMLSelectElement
  readonly #host = h('select', { id: 'filter-host', onchange: () => this.#changed() })
  readonly #hostField = h('div', { hidden: true }, h('label', { for: 'filter-host' }, words.host), this.#host)
  readonly #troubles = h('ul', { class: 'troubles', 'aria-label': words.troubles, hidden: true })
  readonly #texts = new WeakMap<AccountView, string>()
  #trouble: string | undefined

  /** `changed`: other accounts are to be listed. */
  constructor(accounts: Accounts, changed: () => void) {
    this.#accounts = accounts
    this.#changed = changed
    this.search = h('input', {
      type: 'search',
      id: 'search',
      placeholder: words.placeholder,
      autocomplete: 'off',
      spellcheck: 'false',
      oninput: changed,
    })
    this.#state = h(
      'select',
      { id: 'filter-state', onchange: changed },
      ...choices.map(([value, name]) => h('option', { value }, name)),
    )
    this.elements = [
      h('label', { for: 'search', class: 'unseen' }, words.search),
      this.search,
      h(
        'details',
        { class: 'filter' },
        h('summary', {}, words.filter),
        h('div', {}, h('label', { for: 'filter-state' }, words.state), this.#state),
        this.#hostField,
      ),
      this.#troubles,
    ]
  }

  /** Those to be listed, in their order. */
  found(): readonly AccountView[] {
    const { all } = this.#accounts
    this.#group(all)
    const typed = this.search.value.toLowerCase().split(/\s+/).filter(Boolean)
    const [, , is] = choices.find(([value]) => value === this.#state.value) ?? choices[0] ?? []
    const host = this.#host.value
    const trouble = this.#trouble
    if (typed.length === 0 && this.#state.value === 'all' && host === '' && trouble === undefined) return all
    return all.filter(
      (view) =>
        (host === '' || view.host === host) &&
        (trouble === undefined || view.trouble === trouble) &&
        is?.(this.#accounts.standing(view)) === true &&
        typed.every((word) => this.#text(view).includes(word)),
    )
  }

  /** What of an account is searched. */
  #text(view: AccountView): string {
    const known = this.#texts.get(view)
    if (known !== undefined) return known
    const { account, label, host = '', status } = view
    const text = `${account} ${label} ${host} ${status.self?.id ?? ''} ${status.self?.name ?? ''}`.toLowerCase()
    this.#texts.set(view, text)
    return text
  }

  #group(all: readonly AccountView[]): void {
    const counts = new Map<string, number>()
    const hosts = new Set<string>()
    for (const { trouble, host } of all) {
      if (trouble !== undefined) counts.set(trouble, (counts.get(trouble) ?? 0) + 1)
      if (host !== undefined) hosts.add(host)
    }
    const chosen = this.#trouble
    if (chosen !== undefined && !counts.has(chosen)) this.#trouble = undefined
    const groups = [...counts]
      .filter(([cause, count]) => count >= leastAccounts || cause === chosen)
      .toSorted(([, one], [, other]) => other - one)
      .slice(0, mostTroubles)
    this.#writeTroubles([groups, this.#trouble])
    this.#writeHosts([...hosts].sort())
  }

  readonly #writeTroubles = onChange(([groups, chosen]: readonly [readonly Group[], string | undefined]) => {
    const focused = this.#troubles.contains(document.activeElement) ? document.activeElement : undefined
    const cause = focused?.getAttribute('data-cause')
    this.#troubles.hidden = groups.length === 0
    this.#troubles.replaceChildren(
      ...groups.map(([trouble, count]) => {
        const press = (): void => {
          this.#trouble = this.#trouble === trouble ? undefined : trouble
          this.#changed()
        }
        const pressed = String(trouble === chosen)
        const given = {
          type: 'button',
          class: 'trouble',
          'aria-pressed': pressed,
          'data-cause': trouble,
          onclick: press,
        }
        return h('li', {}, h('button', given, words.trouble(count, trouble)))
      }),
    )
    if (cause != null) this.#troubles.querySelector<HTMLElement>(`[data-cause="${CSS.escape(cause)}"]`)?.focus()
  })

  readonly #writeHosts = onChange((hosts: readonly string[]) => {
    const chosen = this.#host.value
    this.#hostField.hidden = hosts.length < 2
    this.#host.replaceChildren(
      h('option', { value: '' }, words.everyHost),
      ...hosts.map((host) => h('option', { value: host }, host)),
    )
    this.#host.value = hosts.includes(chosen) ? chosen : ''
  })
}
