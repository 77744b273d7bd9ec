export { type Availability, availability } from './availability.ts'
export type { IncidentEvent } from './events.ts'
export { type HealTime, timeToHeal } from './heal-time.ts'
export { type Incident, incidentsOf } from './incidents.ts'
