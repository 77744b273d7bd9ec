import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { startFakeWhatsApp } from '../src/fake-whatsapp/index.ts'
import { linkedFolder } from './account.ts'
import { median, type Row } from './table.ts'

const arms = ['plain', 'plain-store', 'supervised'] as const
type Arm = (typeof arms)[number]
interface Mark {
  readonly cpu: number
  readonly received: number
}

const rounds = 20
const batch = 100

async function mark(child: ChildProcess): Promise<Mark> {
  child.send('mark')
  const [answer] = (await once(child, 'message')) as [Mark]
  return answer
}

/** What an inbound message costs with and without supervision: three clients side by side, in turns, each in a process of its own. */
export async function inbound(): Promise<Row[]> {
  const server = await startFakeWhatsApp()
  const script = fileURLToPath(new URL('./receiver.js', import.meta.url))
  const clients = new Map<Arm, { readonly child: ChildProcess; readonly number: string }>()
  for (const [index, arm] of arms.entries()) {
    const number = `4917000000${index}0`
    const folder = await linkedFolder(server, number)
    const child = fork(script, [arm, folder, server.url, server.rootKey], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    await once(child, 'message')
    clients.set(arm, { child, number })
  }
  const contact = server.contact('bench')
  const perMessage = new Map<Arm, number[]>(arms.map((arm) => [arm, []]))
  for (let round = -3; round < rounds; round += 1) {
    // Each round begins with another arm, so that drifts of the machine fall on all alike.
    const order = arms.map((_, index) => arms[(index + round + 3) % arms.length] ?? 'plain')
    for (const arm of order) {
      const client = clients.get(arm)
      if (!client) continue
      const before = await mark(client.child)
      const sent = []
      for (let index = 0; index < batch; index += 1) sent.push(await contact.send(client.number, `message ${index}`))
      await Promise.all(sent.map((delivery) => delivery.delivered()))
      const after = await mark(client.child)
      if (round >= 0) perMessage.get(arm)?.push((after.cpu - before.cpu) / batch)
    }
  }
  for (const { child } of clients.values()) child.send('end')
  await server.stop()
  const of = (arm: Arm) => median(perMessage.get(arm) ?? [])
  // Paired by round: what both arms suffer from in a round cancels out.
  const ratio = (arm: Arm, base: Arm) =>
    median((perMessage.get(arm) ?? []).map((value, index) => value / (perMessage.get(base)?.[index] ?? value)))
  return [
    {
      what: `inbound message, processor time (${rounds} × ${batch}), same store`,
      ours: `${of('supervised').toFixed(0)} µs`,
      beside: `Baileys on our file store: ${of('plain-store').toFixed(0)} µs`,
      ratio: ratio('supervised', 'plain-store'),
      target: '≤ 1.02',
    },
    {
      what: 'the same, each on its own store (ours is durable)',
      ours: `${of('supervised').toFixed(0)} µs`,
      beside: `Baileys on useMultiFileAuthState: ${of('plain').toFixed(0)} µs`,
      ratio: ratio('supervised', 'plain'),
      target: '',
    },
  ]
}
