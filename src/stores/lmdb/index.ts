export { type LmdbAuthStoreOptions, lmdbAuthStore } from './lmdb-store.ts'
export { exportFolder, importFolder, type Transferred } from './transfer.ts'
