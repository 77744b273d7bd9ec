/**
 * The folders of `machines/` and `src/`, from the lowest up. What stands in a row imports from rows below it, never from its own or one above.
 * A new folder gets a place above all that it imports.
 */
export const layers: readonly (readonly string[])[] = [
  ['machines', 'src/errors', 'src/rehearsal/fake-whatsapp'],
  ['src/baileys', 'src/disk', 'src/history', 'src/diagram'],
  ['src/stores', 'src/inspect'],
  ['src/stores/folder', 'src/notices', 'src/inspect/page', 'src/line/services/sent'],
  ['src/stores/rows', 'src/incidents', 'src/line/services'],
  ['src/stores/lmdb', 'src/stores/postgres', 'src/metrics'],
  ['src/line'],
  // Of `src` itself: index.ts, the public door.
  ['src', 'src/dashboard', 'src/drop-in'],
  ['src/fleet', 'src/dashboard/page', 'src/rehearsal/demo', 'src/rehearsal/conversation'],
  ['src/rehearsal/torture'],
  ['src/cli'],
]
