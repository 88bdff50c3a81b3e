/**
 * What a profile says of a target that is missed, by the target's id. It stands on the page as long
 * as the target is not met. Name the command that shows it.
 */
export const explanations: Readonly<Record<string, string>> = {
  'build-merkletreejs':
    'Three quarters and more of our time is hashing, four messages at once: what is left to win is small, and how the two compare moves with how fast this machine\u2019s native SHA-256 is just then.',
  'build-openzeppelin':
    'Nine tenths of our time and more are hashes (`the hashes alone` in the table of the case), made four at once in WebAssembly; the rest is copying. Between runs on this machine the ratio was 68 to 82: it moves with the machine\u2019s load, since the two are bound by different things.',
  'append-100k':
    'The hashes are all of it: one leaf, two nodes on average, and five or more to fold the right edge into the root; each took 2 \u00b5s here in `crypto.hash` (in a bare loop, the same hashes took as long as the append). Each append changes the lowest of the hashes that are folded, so nothing of the fold can be kept.',
  'append-durable':
    'The floor is a blocking `writeSync` and `fdatasyncSync`. Beside an awaited `write` and `datasync` of the same bytes, which is what a server can do without standing still, see the table of the case: the difference is the way through libuv\u2019s threads and back.',
  'record-verify':
    'Half of the time our process waits (`node --cpu-prof` of a loop of `verifyBundle`: 54 % idle): two signatures, each a key to import and a signature to check by WebCrypto, go through other threads, one after the other. About a millisecond of processor time goes into it, in all threads: the two signatures, the schema, the canonical JSON and the hashes of the proof; `gpg --verify` looks at the signature alone.',
  'spawn-floor':
    'Beyond the floor, `vm spawn create` reads and renders the template, checks the files, signs the manifest and records the spawn durably in the log: the processor column shows what that costs.',
  'verify-inclusion':
    'With the same hash there is little else to save: the 20 hashes alone take about two thirds of our time (`the hashes alone` in the table of the case, `pnpm bench merkle/verify --json FILE`). What we do besides, and merkletreejs does not, is to derive the side of each hash from index and size, and to refuse hashes of another length. Against merkletreejs with the hash that it comes with, see `its own hash`.',
  'route-10':
    'About half of the time goes into writing the reasons down: the choice alone is in the same table (`pnpm bench route/10-offers --json FILE`). A scan of ten offers by hand takes as long: the index saves nothing there.',
  'route-10000':
    'Most of the time goes into `best` and what it calls: it bounds and scores offers, cheapest first, until none that is left can win, in each region apart (`node --cpu-prof apps/bench/src/worker.ts route/10000-offers normal` writes a profile for each variant). A request that takes any region looks at several times as many.',
}
