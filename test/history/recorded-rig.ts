import { MachineRecorder } from '../../src/history/recorder.ts'
import { type RecordedRun, type RunRecord, runsIn, type StepRecord } from '../../src/history/recording.ts'
import { Rig, type RigOptions } from '../machines/rig.ts'

/** What a line keeps of its statechart, kept of the rig's. */
export class RecordedRig extends Rig {
  readonly records: (RunRecord | StepRecord)[]
  readonly #recorder: MachineRecorder

  constructor(options: RigOptions = {}) {
    const records: (RunRecord | StepRecord)[] = []
    let now = () => 0
    let monotonic = () => 0
    const recorder = new MachineRecorder({
      env: { now: () => now(), random: options.random ?? (() => 0.5) },
      monotonic: () => monotonic(),
      // As a file would give it back.
      write: (record) => records.push(JSON.parse(JSON.stringify(record))),
    })
    super({ ...options, random: recorder.env.random })
    now = this.clock.wall
    monotonic = this.clock.now
    this.records = records
    this.#recorder = recorder
    this.#attach()
  }

  override async crash({ start = true } = {}): Promise<void> {
    await super.crash({ start: false })
    this.#attach()
    if (start) await this.start()
  }

  get runs(): readonly RecordedRun[] {
    return runsIn(this.records.map((one) => ('event' in one ? { type: 'steps', at: one.at, steps: [one] } : one)))
  }

  #attach(): void {
    const { actor, policy, mode, world } = this
    const { expectedNumber, generation } = this.context
    this.#recorder.began({ policy, mode, facts: world.facts, generation, expectedNumber })
    actor.system.inspect((event) => {
      if (event.type === '@xstate.snapshot' && event.actorRef === actor)
        this.#recorder.stepped(event.event, actor.getSnapshot())
    })
  }
}
