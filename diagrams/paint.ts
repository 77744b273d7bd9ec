import { family } from './font.ts'

/** What a state means to the one who looks: the colour of its box. */
export const roles = ['rest', 'working', 'open', 'healing', 'waiting', 'person'] as const
export type Role = (typeof roles)[number]

/** What an edge is taken for: its colour and its dashes. */
export const strokes = ['plain', 'happy', 'after', 'error', 'heal', 'person'] as const
export type Stroke = (typeof strokes)[number]

interface Tint {
  readonly fill: string
  readonly line: string
  readonly ink: string
}

interface Theme {
  readonly paper: string
  readonly ink: string
  readonly faint: string
  readonly frame: string
  readonly well: string
  readonly card: string
  readonly roles: Readonly<Record<Role, Tint>>
  readonly strokes: Readonly<Record<Stroke, string>>
}

export const light: Theme = {
  paper: '#ffffff',
  ink: '#1b2330',
  faint: '#5b6676',
  frame: '#b9c3d0',
  well: '#f6f8fb',
  card: '#ffffff',
  roles: {
    rest: { fill: '#eef1f5', line: '#94a1b2', ink: '#3b4656' },
    working: { fill: '#e3effd', line: '#3f83d6', ink: '#164a87' },
    open: { fill: '#dcf5e6', line: '#23a05c', ink: '#0d5a31' },
    healing: { fill: '#fdf0d2', line: '#d19413', ink: '#6f4a00' },
    waiting: { fill: '#efe8fd', line: '#8a63d9', ink: '#4a2a92' },
    person: { fill: '#fde6ee', line: '#d6447d', ink: '#8a1746' },
  },
  strokes: {
    plain: '#6f7c8d',
    happy: '#23a05c',
    after: '#8a63d9',
    error: '#d63a3a',
    heal: '#c78a0c',
    person: '#d6447d',
  },
}

export const dark: Theme = {
  paper: '#0d1117',
  ink: '#e8edf3',
  faint: '#9aa7b6',
  frame: '#3a4552',
  well: '#131a22',
  card: '#19212b',
  roles: {
    rest: { fill: '#1f2731', line: '#6c7a8a', ink: '#c9d3de' },
    working: { fill: '#12294a', line: '#4f95ea', ink: '#b9d8ff' },
    open: { fill: '#0e3321', line: '#34bf72', ink: '#b4f0cd' },
    healing: { fill: '#3a2a08', line: '#dba32a', ink: '#ffe0a0' },
    waiting: { fill: '#2a1d4d', line: '#a283ee', ink: '#dccdff' },
    person: { fill: '#431529', line: '#ea6b9c', ink: '#ffc6da' },
  },
  strokes: {
    plain: '#8391a1',
    happy: '#34bf72',
    after: '#a283ee',
    error: '#f26d6d',
    heal: '#dba32a',
    person: '#ea6b9c',
  },
}

function coloured(theme: Theme): readonly string[] {
  return [
    `.paper{fill:${theme.paper}}`,
    `.ink{fill:${theme.ink}}`,
    `.faint{fill:${theme.faint}}`,
    `.well{fill:${theme.well}}`,
    `.frame{fill:${theme.well};stroke:${theme.frame}}`,
    `.card{fill:${theme.card};stroke:${theme.frame}}`,
    `.rule{stroke:${theme.frame}}`,
    ...roles.flatMap((role) => {
      const { fill, line, ink } = theme.roles[role]
      return [
        `.line-${role}{stroke:${line}}`,
        `.box-${role}{fill:${fill};stroke:${line}}`,
        `.ink-${role}{fill:${ink}}`,
        `.mark-${role}{fill:${line}}`,
      ]
    }),
    ...strokes.flatMap((stroke) => [
      `.edge-${stroke}{stroke:${theme.strokes[stroke]}}`,
      `.tip-${stroke}{fill:${theme.strokes[stroke]}}`,
    ]),
  ]
}

const shared = [
  `text{font-family:${family}}`,
  '.bold{font-weight:600}',
  '.edge{fill:none;stroke-width:1.6}',
  '.edge-happy{stroke-width:2.6}',
  '.edge-after{stroke-dasharray:5 4}',
  '.box{stroke-width:1.5}',
]

/** `both` follows the reader's preference. */
export type Scheme = 'light' | 'dark' | 'both'

/** The one place where colours are chosen. */
export function stylesheet(scheme: Scheme): string {
  const rules = [...coloured(scheme === 'dark' ? dark : light), ...shared]
  const darker = scheme === 'both' ? ['@media (prefers-color-scheme:dark){', ...coloured(dark), '}'] : []
  return [...rules, ...darker].join('\n')
}
