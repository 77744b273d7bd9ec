import { connectionMachine } from '../../machines/connection.ts'
import { graphOf } from '../../src/diagram/graph.ts'

export const graph = graphOf(connectionMachine.root)

export const moving = graph.transitions.filter(({ target }) => target !== undefined)

/** The values of an attribute in an SVG, in its order. */
export const valuesOf = (svg: string, attribute: string): readonly string[] =>
  [...svg.matchAll(new RegExp(` ${attribute}="([^"]*)"`, 'g'))].map(([, value = '']) => value)
