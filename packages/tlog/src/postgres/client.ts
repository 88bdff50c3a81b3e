/** The little of `pg` that is used here. */

/** What a query gives. */
export interface PostgresResult {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  readonly rowCount: number | null
}

/** Something that runs queries. */
export interface PostgresQueries {
  query(text: string, values?: unknown[]): Promise<PostgresResult>
}

/** A connection out of a pool. */
export interface PostgresClient extends PostgresQueries {
  /** Gives it back; with `true` it is closed instead. */
  release(destroy?: boolean): void
  on(event: 'error', listener: (error: Error) => void): unknown
  off(event: 'error', listener: (error: Error) => void): unknown
}

/** A `Pool` of `pg`, with at least two connections. */
export interface PostgresPool extends PostgresQueries {
  connect(): Promise<PostgresClient>
}
