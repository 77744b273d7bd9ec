import { EventEmitter } from 'node:events'
import { type AnyActorLogic, createActor, type InputFrom, toPromise } from 'xstate'
import { defaultPolicy } from '../../../machines/index.ts'
import { createStableEmitter } from '../../../src/baileys/emitter.ts'
import type { BaileysSocket } from '../../../src/baileys/socket.ts'
import { EvidenceMonitor } from '../../../src/line/services/evidence-monitor.ts'
import { OutboundMonitor } from '../../../src/line/services/outbound-monitor.ts'
import {
  bindResources,
  createResources,
  type ResourceParts,
  type Resources,
} from '../../../src/line/services/resources.ts'
import { SentMessages } from '../../../src/line/services/sent/sent-messages.ts'
import type { AuthStore, OpenAuth } from '../../../src/stores/store.ts'
import { silent } from '../../baileys/lines.ts'

/** An opening of a linked account that keeps nothing. */
export const auth = (parts: object = {}) =>
  ({
    state: {
      creds: { me: { id: '4917:1@s.whatsapp.net' } },
      keys: { get: async () => ({}), set: async () => undefined },
    },
    saveCreds: async () => undefined,
    fence: async () => undefined,
    close: async () => undefined,
    ...parts,
  }) as unknown as OpenAuth

/** A host around a store, and what its services tell it. */
export function resourcesOn(store: Partial<AuthStore>, parts: Partial<ResourceParts> = {}) {
  const told: (readonly unknown[])[] = []
  const tell =
    (what: string) =>
    (...args: unknown[]) =>
      void told.push([what, ...args])
  const resources = createResources({
    account: 'a',
    mode: 'heal',
    policy: defaultPolicy,
    store: store as AuthStore,
    logger: silent,
    connect: () => Promise.reject(new Error('never called')),
    emitter: createStableEmitter(() => undefined),
    evidence: new EvidenceMonitor(defaultPolicy.decrypt, { changed: () => undefined, proven: () => undefined }),
    outbound: new OutboundMonitor(defaultPolicy.outbound, () => undefined),
    sent: new SentMessages(defaultPolicy.resend),
    forgetSent: async () => undefined,
    tell: tell('event'),
    notify: tell('notice'),
    onSocket: () => undefined,
    journal: {
      act: tell('act'),
      would: tell('would'),
      unheard: tell('unheard'),
      unreadable: tell('unreadable'),
      wouldPrune: tell('wouldPrune'),
      claimed: tell('claimed'),
    },
    report: tell('report'),
    stray: tell('stray'),
    ...parts,
  })
  return { resources, told }
}

/** What a service comes to on this host. */
export function outcome<L extends AnyActorLogic>(service: L, input: InputFrom<L>, resources: Resources) {
  const actor = createActor(service, { input } as never)
  bindResources(actor.system, resources)
  // What is not waited for is reported to the actor's observers, and by default to the process.
  actor.subscribe({ error: () => undefined })
  actor.start()
  return toPromise(actor)
}

/** Something that a socket is to a service, with parts in the place of its own. */
export function socketLike(parts: object = {}) {
  const ws = Object.assign(new EventEmitter(), { isOpen: true, isClosed: false })
  const ev = Object.assign(new EventEmitter(), { process: () => () => undefined })
  const authState = { keys: { get: async () => ({}), set: async () => undefined } }
  return {
    ws,
    ev,
    authState,
    end: () => ws.emit('close'),
    sendNode: async () => undefined,
    query: async () => undefined,
    generateMessageTag: () => 'tag',
    ...parts,
  } as unknown as BaileysSocket & { ws: EventEmitter; ev: EventEmitter }
}
