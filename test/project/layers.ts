/**
 * The folders of `machines/` and `src/`, from the lowest up. What stands in a row imports from rows below it, never
 * from its own or one above. A new folder gets a place above all that it imports.
 */
export const layers: readonly (readonly string[])[] = [
  ['machines', 'src/errors'],
  ['src/terminal', 'src/languages'],
  ['src/baileys', 'src/stores/disk', 'src/history', 'src/diagram'],
  ['src/baileys/caches', 'src/stores', 'src/inspect', 'src/rehearsal/fake-whatsapp'],
  ['src/stores/folder/journal', 'src/inspect/page'],
  ['src/stores/folder', 'src/notices'],
  ['src/stores/rows', 'src/history/incidents'],
  ['src/stores/lmdb', 'src/stores/postgres', 'src/line/services/sent'],
  ['src/line/services'],
  ['src/line', 'src/metrics'],
  // Of `src` itself: index.ts, the public door.
  ['src', 'src/dashboard', 'src/drop-in'],
  ['src/drop-in/register', 'src/rehearsal/conversation'],
  ['src/fleet', 'src/dashboard/page', 'src/rehearsal/demo'],
  ['src/rehearsal/torture'],
  ['src/cli'],
]
