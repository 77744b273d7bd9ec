import { cures } from './cure.ts'
import { dashboard } from './dashboard.ts'
import { dropIn } from './drop-in.ts'
import { eventRate } from './events.ts'
import { fleet, fleetOfThousand } from './fleet.ts'
import { growth } from './growth.ts'
import { hundreds } from './hundreds.ts'
import { inbound } from './inbound.ts'
import { inspection } from './inspect.ts'
import { memory } from './memory.ts'
import { page } from './page.ts'
import { postgres, postgresAccounts } from './postgres.ts'
import { sessions } from './sessions.ts'
import { startUp } from './start-up.ts'
import { stores } from './stores.ts'
import { story } from './story.ts'
import { printTable } from './table.ts'
import { twoWay } from './two-way.ts'

const parts: Readonly<Record<string, () => Promise<readonly import('./table.ts').Row[]>>> = {
  events: async () => eventRate(),
  memory,
  hundreds,
  inbound,
  'two-way': twoWay,
  'drop-in': dropIn,
  dashboard,
  page,
  inspect: inspection,
  stores,
  sessions,
  growth,
  'start-up': startUp,
  postgres,
  'postgres-accounts': postgresAccounts,
  fleet,
  'fleet-1000': fleetOfThousand,
  cure: cures,
  story,
}

const chosen = process.argv.slice(2)
for (const [name, run] of Object.entries(parts)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue
  printTable(await run())
}
process.exit(0)
