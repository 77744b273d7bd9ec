import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type FakeWhatsApp, startFakeWhatsApp } from '../src/rehearsal/fake-whatsapp/index.ts'
import { linkedFolder } from './account.ts'
import { median, type Row } from './table.ts'

/**
 * `plain-again` is `plain-store` once more: how far apart two equal arms come out is the noise of the figure beside it.
 */
const arms = ['plain', 'plain-store', 'supervised', 'plain-again'] as const
type Arm = (typeof arms)[number]
interface Mark {
  readonly cpu: number
  readonly received: number
}

/**
 * Two processes that run the same differ by some per cent for as long as they live, so there are several of each arm,
 * and the median of all counts.
 */
const crews = 10
const rounds = 8
const batch = 50
const warmUp = 3

async function mark(child: ChildProcess): Promise<Mark> {
  child.send('mark')
  const [answer] = (await once(child, 'message')) as [Mark]
  return answer
}

/**
 * Each round begins with another arm, and every second one goes backwards: drifts of the machine fall on all alike, and
 * nobody always follows the same arm.
 */
function orderOf(round: number): readonly Arm[] {
  const order = arms.map((_, index) => arms[(index + round) % arms.length] ?? 'plain')
  return round % 2 === 0 ? order : order.reverse()
}

type Account = { readonly number: string; readonly folder: string }
type Client = Account & { readonly child: ChildProcess }

async function linkAccounts(server: FakeWhatsApp): Promise<readonly Account[]> {
  const accounts: Account[] = []
  for (const index of arms.keys()) {
    const number = `4917000000${index}`
    accounts.push({ number, folder: await linkedFolder(server, number) })
  }
  return accounts
}

/** All arms store in one layout, so that each crew has another account in another arm. */
async function startCrew(server: FakeWhatsApp, accounts: readonly Account[], crew: number): Promise<Map<Arm, Client>> {
  const script = fileURLToPath(new URL('./receiver.js', import.meta.url))
  const clients = new Map<Arm, Client>()
  for (const [index, account] of accounts.entries()) {
    // Another order in each crew: who was started first, and who last, has its own small cost.
    const arm = arms[(index + crew) % arms.length] ?? 'plain'
    const child = fork(script, [arm, account.folder, server.url, server.rootKey], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    await once(child, 'message')
    clients.set(arm, { ...account, child })
  }
  return clients
}

/**
 * What an inbound message costs with and without supervision: clients side by side, in turns, each in a process of its
 * own.
 */
export async function inbound(): Promise<Row[]> {
  const server = await startFakeWhatsApp()
  const contact = server.contact('bench')
  const accounts = await linkAccounts(server)
  const perMessage = new Map<Arm, number[]>(arms.map((arm) => [arm, []]))
  const waited = new Map<Arm, number[]>(arms.map((arm) => [arm, []]))
  for (let crew = 0; crew < crews; crew += 1) {
    const clients = await startCrew(server, accounts, crew)
    for (let round = -warmUp; round < rounds; round += 1) {
      for (const arm of orderOf(round + warmUp)) {
        const client = clients.get(arm)
        if (!client) continue
        const before = await mark(client.child)
        const sent = []
        const from = performance.now()
        for (let index = 0; index < batch; index += 1) sent.push(await contact.send(client.number, `message ${index}`))
        await Promise.all(sent.map((delivery) => delivery.delivered()))
        const took = performance.now() - from
        const after = await mark(client.child)
        if (round < 0) continue
        perMessage.get(arm)?.push((after.cpu - before.cpu) / batch)
        waited.get(arm)?.push((took * 1_000) / batch)
      }
    }
    for (const { child } of clients.values()) {
      child.send('end')
      await once(child, 'exit')
    }
  }
  await server.stop()
  const of = (arm: Arm, values = perMessage) => median(values.get(arm) ?? [])
  // Paired by round: what both arms suffer from in a round cancels out.
  const ratio = (arm: Arm, base: Arm, values = perMessage) =>
    median((values.get(arm) ?? []).map((value, index) => value / (values.get(base)?.[index] ?? value)))
  return [
    {
      what: `inbound message, processor time (${crews} × ${rounds} × ${batch}), same store`,
      ours: `${of('supervised').toFixed(0)} µs`,
      beside: `Baileys on our file store: ${of('plain-store').toFixed(0)} µs`,
      ratio: ratio('supervised', 'plain-store'),
      target: '≤ 1.02',
    },
    {
      what: 'the noise of that: the same client twice',
      ours: `${of('plain-again').toFixed(0)} µs`,
      beside: `${of('plain-store').toFixed(0)} µs`,
      ratio: ratio('plain-again', 'plain-store'),
      target: '',
    },
    {
      what: 'the same, each on its own store (ours is durable)',
      ours: `${of('supervised').toFixed(0)} µs`,
      beside: `Baileys on useMultiFileAuthState: ${of('plain').toFixed(0)} µs`,
      ratio: ratio('supervised', 'plain'),
      target: '≤ 0.95',
    },
    {
      what: `the same by the clock, ${batch} sent one after the other and waited for together`,
      ours: `${of('supervised', waited).toFixed(0)} µs`,
      beside: `Baileys on useMultiFileAuthState: ${of('plain', waited).toFixed(0)} µs`,
      ratio: ratio('supervised', 'plain', waited),
      target: '≤ 0.90',
    },
  ]
}
