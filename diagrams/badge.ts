import { widthOf } from './font.ts'
import type { Role } from './paint.ts'
import type { Point } from './shape.ts'
import { element, group, line, rect } from './svg.ts'

const size = 10.5
const height = 17
const gap = 5

/** Distance between two rows of badges. */
export const badgePitch = 21

const badgeWidth = (service: string): number => widthOf(service, size) + 23

export const badgesWidth = (services: readonly string[]): number =>
  services.reduce((sum, service) => sum + badgeWidth(service) + gap, -gap)

/** Breaks the badges into rows no wider than `width`. */
export function badgeRows(services: readonly string[], width: number): readonly (readonly string[])[] {
  const rows: string[][] = []
  for (const service of services) {
    const row = rows.at(-1)
    if (row && badgesWidth([...row, service]) <= width) row.push(service)
    else rows.push([service])
  }
  return rows
}

/** One row of badges, each for a service that runs while the state lasts; `y` is its middle. */
export function badges(services: readonly string[], { x, y }: Point, role: Role): string {
  return services
    .map((service, index) => {
      const left = index === 0 ? x : x + badgesWidth(services.slice(0, index)) + gap
      return group(
        { 'data-service': service },
        rect({ x: left, y: y - height / 2, w: badgeWidth(service), h: height }, { rx: height / 2, class: 'card' }),
        element('path', { class: `mark-${role}`, d: `M${left + 8} ${y - 3.5}l6 3.5l-6 3.5z` }),
        line(service, { x: left + 17, y }, { size, ink: 'ink' }),
      )
    })
    .join('')
}
