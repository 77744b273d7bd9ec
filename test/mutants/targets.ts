import { forgotten, type Operator, operators } from './operators.ts'

/** Sources that are mutated, how, and the tests that have to notice, the quick ones first. */
export interface Target {
  readonly files: readonly string[]
  readonly operators: readonly Operator[]
  readonly tests: readonly string[]
  /** Its tests open sockets and files: what a failed one leaves behind goes with its process. */
  readonly untidy: boolean
}

const decisions = [
  'verdict',
  'words',
  'reasons',
  'defaults',
  'evidence',
  'outbound',
  'budget',
  'ladder',
  'backoff',
  'status',
  'policy',
  'why',
  'wrong-number',
  'facts',
  'public-status',
]
const stories = [
  'updates',
  'waits',
  'alone',
  'moves',
  'stale',
  'closes',
  'healing',
  'unheard',
  'pairing',
  'blocked',
  'observe',
  'commands',
  'promises',
]
const machines = (names: readonly string[]): string[] => names.map((name) => `machines/${name}.ts`)
const tests = (names: readonly string[]): string[] => names.map((name) => `test/machines/${name}.test.ts`)

/** All that decides, and the fence: who may still write, and what is shut before what. */
export const targets: readonly Target[] = [
  {
    files: machines([
      ...['backoff', 'bounded-map', 'budget', 'evidence', 'ladder', 'outbound', 'phone-number', 'policy', 'status'],
      ...['public-status', 'verdict'],
    ]),
    operators,
    tests: tests(decisions),
    untidy: false,
  },
  {
    files: machines([
      ...[
        'awaiting-qr',
        'closing',
        'connection',
        'context',
        'blocking',
        'online',
        'reasons',
        'services',
        'setup',
        'undoing',
      ],
      ...['unheard', 'updates', 'waits'],
    ]),
    operators,
    tests: [...tests(decisions), ...tests(stories), 'test/history/incidents/field-machine.test.ts'],
    untidy: false,
  },
  {
    files: ['src/stores/opening.ts', 'src/stores/ownership.ts'],
    operators: [forgotten],
    tests: [
      ...[
        'fence',
        'read-once',
        'every-store/conformance',
        'generations',
        'folder/staging',
        'folder/lock',
        'folder/journal/failing-disk',
      ].map((name) => `test/stores/${name}.test.ts`),
      'test/stores/lmdb/claim.test.ts',
    ],
    untidy: true,
  },
  {
    files: ['close-socket', 'guarded-auth', 'prune-sessions'].map((name) => `src/line/services/${name}.ts`),
    operators: [forgotten],
    tests: [
      ...['close-socket', 'sockets', 'open', 'prepare'].map((name) => `test/line/services/${name}.test.ts`),
      ...['takeover', 'disk', 'races'].map((name) => `test/line/${name}.test.ts`),
    ],
    untidy: true,
  },
]
