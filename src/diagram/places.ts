/**
 * The ids of a state that the machine is in and of those within it, the outermost first: `online`, `online.open`,
 * `online.open.healthy`.
 */
export const placesIn = (value: unknown, above = ''): readonly string[] =>
  typeof value === 'string'
    ? [above + value]
    : Object.entries(Object(value)).flatMap(([key, inner]) => [above + key, ...placesIn(inner, `${above}${key}.`)])
