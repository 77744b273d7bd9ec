/** The same loop, as it is and under `lifeline exec`. */
export const sides = ['alone', 'exec'] as const
export type SideName = (typeof sides)[number]

/** What became of one of the two in a scene. */
export interface Verdict {
  readonly back: boolean
  /** What it does at the end of the scene. */
  readonly end: string
  readonly ms: number
}

export interface SceneResult {
  readonly title: string
  readonly alone: Verdict
  readonly exec: Verdict
}

/** Everything that the demo of the two tells, in order. */
export type GatewayDemoEvent =
  | { readonly type: 'scene'; readonly title: string; readonly text: string }
  /** Something that one of them did or was told. */
  | { readonly type: 'said'; readonly side: SideName; readonly text: string }
  | ({ readonly type: 'result' } & SceneResult)
  | {
      readonly type: 'summary'
      readonly ok: boolean
      readonly totalMs: number
      readonly scenes: readonly SceneResult[]
    }

export type TellOfGateways = (event: GatewayDemoEvent) => void
