// Loaded before the loop: has Baileys believe in the fake server, and say nothing. It looks at the same modules by
// another address, so that nobody has imported Baileys yet.
import { urlOfBaileys } from '../../baileys/installed.ts'
import { trust } from '../fake-whatsapp/index.ts'

const { LIFELINE_DEMO_URL: url = '', LIFELINE_DEMO_ROOT: root = '' } = process.env
const baileys = await import(`${urlOfBaileys()}?plain`)
trust(baileys, root)
const defaults = { waWebSocketUrl: url, fireInitQueries: false, shouldSyncHistoryMessage: () => false }
Object.assign(baileys.DEFAULT_CONNECTION_CONFIG, defaults)
baileys.DEFAULT_CONNECTION_CONFIG.logger.level = 'silent'
