/**
 * What a profile says of a target that is missed, by the target's id. It stands on the page as long
 * as the target is not met. Name the command that shows it.
 */
export const explanations: Readonly<Record<string, string>> = {
  'build-merkletreejs':
    'Three quarters and more of our time is hashing, four messages at once: what is left to win is small, and how the two compare moves with how fast this machine\u2019s native SHA-256 is just then.',
  'build-openzeppelin':
    'Nine tenths of our time and more are hashes (`the hashes alone` in the table of the case), made four at once in WebAssembly; the rest is copying. Between runs on this machine the ratio was 58 to 82: it moves with the machine\u2019s load, since the two are bound by different things.',
  'append-100k':
    'The hashes are all of it: one leaf, two nodes on average, and five or more to fold the right edge into the root; each took 2 \u00b5s here in `crypto.hash` (in a bare loop, the same hashes took as long as the append). Each append changes the lowest of the hashes that are folded, so nothing of the fold can be kept.',
  'append-durable':
    'The floor is a blocking `writeSync` and `fdatasyncSync`. Beside an awaited `write` and `datasync` of the same bytes, which is what a server can do without standing still, see the table of the case: the difference is the way through libuv\u2019s threads and back.',
  'record-verify':
    'Half of our time and more are two Ed25519 signatures, the record\u2019s and the checkpoint\u2019s, by the same OpenSSL that Node has: 0.11 ms each here (`openssl speed ed25519`). The rest is what a proof needs besides: three layers of canonical JSON, the schema, the hashes of the path (`node --cpu-prof` of a loop of `verifyBundle`). That part is still being compiled when the 0.2 s of warm-up end, and halves in a process that goes on. `gpg --verify` looks at one signature alone.',
  'spawn-floor':
    'Beyond the floor, `vm spawn create` reads and renders the template, checks the files, signs the manifest and records the spawn durably in the log: the processor column shows what that costs. A fifth of the time goes into loading the bundle, another into git, which runs six times instead of three; 7 % go into parsing the YAML that was made, 5 % into the template language (`node --cpu-prof apps/cli/dist/vm.js spawn create \u2026`). A minified bundle and Node\u2019s compile cache changed nothing.',
  'verify-inclusion':
    'With the same hash there is little else to save: the 20 hashes alone take about two thirds of our time (`the hashes alone` in the table of the case, `pnpm bench merkle/verify --json FILE`). What we do besides, and merkletreejs does not, is to derive the side of each hash from index and size, and to refuse hashes of another length. Against merkletreejs with the hash that it comes with, see `its own hash`.',
  'route-10':
    'More than half of the time goes into the reasons, the choice alone is in the same table (`pnpm bench route/10-offers --json FILE`): of every offer up to fourteen are asked in turn, which processors can\u2019t foresee. To write them down takes a tenth (measured with one constant reason for all).',
  'route-10000':
    'Nearly all of the time goes into `best` and `firstFeasible`, inlined into `decide`: they compare numbers in columns, cheapest first, until none that is left can win (`node --cpu-prof apps/bench/src/worker.ts route/10000-offers normal` writes a profile for each variant).',
  'route-http':
    'The bare server does HTTP and JSON and nothing else. Ours does them too, and then: about a fifth of its processor time is the transaction in SQLite, 7 % the sync of it, 4 % the decision; token, headers, limits and metrics of each request are the rest (`--cpu-prof` of the process of `apps/bench/src/cases/server/route-process.ts` under the same load). How busy each process is stands below the table of the case.',
}
