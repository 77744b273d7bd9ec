export { createDashboard, type Dashboard, type ServedDashboard, type ServeOptions } from './dashboard.ts'
export type { DashboardLine, LineSource } from './lines.ts'
export type { DashboardOptions } from './options.ts'
export type { FetchEnv, Peer } from './peer.ts'
