/** The signed checkpoint of a log, as a resource. */

/** The URI of a log's checkpoint. */
export function checkpointUri(origin: string): string {
  const plain = `checkpoint://${origin}`
  // What is no host and path of a URL is put whole into a path.
  return URL.canParse(plain) ? new URL(plain).href : `checkpoint:///${encodeURIComponent(origin)}`
}
