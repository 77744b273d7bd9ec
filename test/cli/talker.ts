import { EventEmitter } from 'node:events'
import type { Party } from '../../src/cli/talk.ts'

/** One that can be talked with, in the hands of the test. */
export class Talker extends EventEmitter implements Party {
  connected = true
  /** What it was told, in order; `hung up` at the end. */
  readonly told: unknown[] = []

  send(message: unknown, _handle: unknown, _options: undefined, told: () => void): void {
    this.told.push(message)
    told()
  }

  disconnect(): void {
    this.connected = false
    this.told.push('hung up')
    this.emit('hung up')
  }
}
