import type { Place } from '../src/diagram/bundle.ts'
import type { Role, Stroke } from './paint.ts'
import type { Box } from './shape.ts'

/** Where a place stands, what it means, and its meaning in a few words. */
export interface Stand {
  readonly box: Box
  readonly role: Role
  readonly caption: string
}

const [left, spine, right] = [20, 500, 850]
const size = { w: 190, h: 70 }

/** The happy path goes down the spine, healing stands to its left, what needs people to its right. */
export const stands: Readonly<Record<Place, Stand>> = {
  stopped: { box: { x: spine, y: 20, w: 190, h: 50 }, role: 'rest', caption: 'not supervising' },
  preparing: { box: { x: spine, y: 140, w: 190, h: 90 }, role: 'working', caption: 'checks and repairs the folder' },
  online: { box: { x: 350, y: 300, w: 360, h: 450 }, role: 'rest', caption: 'owns the one socket' },
  connecting: { box: { x: spine, y: 360, ...size }, role: 'working', caption: 'dials and logs in' },
  healthy: { box: { x: spine, y: 500, ...size }, role: 'open', caption: 'messages flow' },
  degraded: { box: { x: 370, y: 640, w: 190, h: 90 }, role: 'healing', caption: 'heals with the socket open' },
  reconnecting: { box: { x: left, y: 360, ...size }, role: 'waiting', caption: 'waits for the next try' },
  pruningSessions: { box: { x: left, y: 640, w: 190, h: 90 }, role: 'healing', caption: 'sets damaged sessions aside' },
  awaitingQr: { box: { x: right, y: 130, w: 190, h: 150 }, role: 'person', caption: 'shows a code to scan' },
  conflicted: { box: { x: right, y: 430, ...size }, role: 'person', caption: 'another client has the account' },
  blocked: { box: { x: right, y: 600, ...size }, role: 'person', caption: 'dialling would not help' },
}

/** A place on the border of a box: the side, and how far along it in pixels. */
export interface Port {
  readonly side: 'top' | 'right' | 'bottom' | 'left'
  readonly along: number
}

export interface Track {
  readonly from: Place
  readonly to: Place
  readonly label: readonly string[]
  readonly stroke: Stroke
  readonly out: Port
  readonly into: Port
  /** Edges with the same word here run together where they can; the first carries the label. */
  readonly joins?: string
}

const top = (along: number): Port => ({ side: 'top', along })
const bottom = (along: number): Port => ({ side: 'bottom', along })
const leftSide = (along: number): Port => ({ side: 'left', along })
const rightSide = (along: number): Port => ({ side: 'right', along })

/** The edges, the most important first: those have the free choice of ways. */
export const tracks: readonly Track[] = [
  { from: 'stopped', to: 'preparing', label: ['start()'], stroke: 'happy', out: bottom(90), into: top(90) },
  {
    from: 'preparing',
    to: 'connecting',
    label: ['the credentials are good'],
    stroke: 'happy',
    out: bottom(90),
    into: top(90),
  },
  { from: 'connecting', to: 'healthy', label: ['opened'], stroke: 'happy', out: bottom(90), into: top(90) },
  {
    from: 'healthy',
    to: 'degraded',
    label: ['unreadable', 'messages'],
    stroke: 'heal',
    out: leftSide(30),
    into: top(40),
  },
  {
    from: 'degraded',
    to: 'healthy',
    label: ['readable again'],
    stroke: 'happy',
    out: rightSide(40),
    into: bottom(130),
  },
  {
    from: 'degraded',
    to: 'pruningSessions',
    label: ['the live cure', 'did not help'],
    stroke: 'heal',
    out: leftSide(40),
    into: rightSide(40),
  },
  {
    from: 'online',
    to: 'reconnecting',
    label: ['link lost, silent,', 'timed out, 515 …'],
    stroke: 'plain',
    out: leftSide(100),
    into: rightSide(40),
  },
  {
    from: 'online',
    to: 'pruningSessions',
    label: ['440 while unreadable,', 'or a run of 515'],
    stroke: 'heal',
    out: leftSide(210),
    into: top(130),
  },
  {
    from: 'pruningSessions',
    to: 'reconnecting',
    label: ['sessions aside,', 'credentials kept'],
    stroke: 'heal',
    out: top(50),
    into: bottom(50),
  },
  {
    from: 'reconnecting',
    to: 'preparing',
    label: ['2 s … 30 s, then 5 – 15 min'],
    stroke: 'after',
    out: top(90),
    into: leftSide(40),
  },
  {
    from: 'preparing',
    to: 'awaitingQr',
    label: ['no credentials'],
    stroke: 'person',
    out: rightSide(20),
    into: leftSide(30),
  },
  { from: 'awaitingQr', to: 'preparing', label: ['paired'], stroke: 'happy', out: leftSide(70), into: rightSide(60) },
  {
    from: 'online',
    to: 'awaitingQr',
    label: ['401 · unlinked'],
    stroke: 'person',
    out: rightSide(50),
    into: bottom(90),
  },
  { from: 'online', to: 'conflicted', label: ['440 again'], stroke: 'person', out: rightSide(170), into: leftSide(40) },
  {
    from: 'online',
    to: 'blocked',
    label: ['402 · 403', '405 · 406', 'disk'],
    stroke: 'error',
    out: rightSide(340),
    into: leftSide(40),
  },
  {
    from: 'conflicted',
    to: 'preparing',
    label: ['after an hour, or', 'when the hold is over'],
    stroke: 'after',
    out: rightSide(40),
    into: top(150),
    joins: 'looks',
  },
  { from: 'blocked', to: 'preparing', label: [], stroke: 'after', out: rightSide(40), into: top(150), joins: 'looks' },
]

/** What the picture tells in words, because an edge from everywhere would hide the rest. */
export const told: readonly { readonly from: Place; readonly to: Place }[] = [
  { from: 'connecting', to: 'reconnecting' },
  { from: 'online', to: 'stopped' },
  { from: 'preparing', to: 'blocked' },
  { from: 'pruningSessions', to: 'blocked' },
  { from: 'awaitingQr', to: 'blocked' },
]

export const notes: readonly string[] = [
  'A person may call stop(), reconnect(), relink() or prune() in every state where that can help.',
  'preparing, pruningSessions and awaitingQr lead to blocked, too, if the folder fails or another process owns it.',
  'Every way out of a socket first closes it and shuts its fence: no file moves while it may still write.',
]

/** The meaning of the strokes. */
export const legend: readonly { readonly stroke: Stroke; readonly text: string }[] = [
  { stroke: 'happy', text: 'the happy path' },
  { stroke: 'heal', text: 'healing' },
  { stroke: 'plain', text: 'dial again: nothing is wrong with the account' },
  { stroke: 'after', text: 'a timer ends the wait' },
  { stroke: 'person', text: 'a person is needed' },
  { stroke: 'error', text: 'stays away until it is settled' },
]
