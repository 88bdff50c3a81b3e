/** Logs in PostgreSQL. Needs a `Pool` of `pg`, which the caller makes and ends. */
export type {
  PostgresClient,
  PostgresPool,
  PostgresQueries,
  PostgresResult,
} from './postgres/client.ts'
export { migratePostgres } from './postgres/migrations.ts'
export { postgresStorage } from './postgres/storage.ts'
