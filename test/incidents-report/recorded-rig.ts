import { MachineRecorder } from '../../src/incidents/recorder.ts'
import type { RunRecord, StepRecord } from '../../src/incidents/recording.ts'
import { type RecordedRun, replay } from '../../src/incidents/replay.ts'
import { Rig, type RigOptions } from '../machine/rig.ts'

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
    return runsIn(this.records)
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

/** Each run record with the steps up to the next one. */
export function runsIn(records: readonly (RunRecord | StepRecord)[]): readonly RecordedRun[] {
  const runs: (RunRecord & { steps: StepRecord[] })[] = []
  for (const record of records)
    if (record.type === 'run') runs.push({ ...record, steps: [] })
    else runs.at(-1)?.steps.push(record)
  return runs
}

/** Where the replay of a rig's recording goes another way. */
export const differencesOf = (rig: RecordedRig) => replay(rig.runs).differences
