/**
 * Which package may import which: the arrows of the design, and nothing else.
 *
 * A package that is not in the table fails the check, so that a new one is placed on purpose. Only
 * direct imports are listed; tests of a package may import what the package may, itself, and
 * `@vaultmesh/testing`.
 */

/** The packages of ours that each package's sources may import. */
export const arrows: Readonly<Record<string, readonly string[]>> = {
  '@vaultmesh/merkle': [],
  '@vaultmesh/tsp': [],
  '@vaultmesh/spawn-core': [],
  '@vaultmesh/aurora-router': [],
  '@vaultmesh/tlog': ['@vaultmesh/merkle'],
  '@vaultmesh/remembrancer': ['@vaultmesh/merkle', '@vaultmesh/tlog', '@vaultmesh/tsp'],
  '@vaultmesh/federation': ['@vaultmesh/merkle', '@vaultmesh/tlog'],
  '@vaultmesh/mcp': [
    '@vaultmesh/aurora-router',
    '@vaultmesh/merkle',
    '@vaultmesh/remembrancer',
    '@vaultmesh/tlog',
  ],
  '@vaultmesh/web': ['@vaultmesh/federation', '@vaultmesh/merkle', '@vaultmesh/remembrancer'],
  '@vaultmesh/server': [
    '@vaultmesh/aurora-router',
    '@vaultmesh/federation',
    '@vaultmesh/mcp',
    '@vaultmesh/merkle',
    '@vaultmesh/remembrancer',
    '@vaultmesh/tlog',
    '@vaultmesh/web',
  ],
  '@vaultmesh/cli': [
    '@vaultmesh/aurora-router',
    '@vaultmesh/federation',
    '@vaultmesh/mcp',
    '@vaultmesh/merkle',
    '@vaultmesh/remembrancer',
    '@vaultmesh/server',
    '@vaultmesh/spawn-core',
    '@vaultmesh/tlog',
    '@vaultmesh/tsp',
    '@vaultmesh/web',
  ],
  // Measures all of them, `vm` too, and finds the conformance data as the tests do.
  '@vaultmesh/bench': [
    '@vaultmesh/aurora-router',
    '@vaultmesh/cli',
    '@vaultmesh/federation',
    '@vaultmesh/merkle',
    '@vaultmesh/remembrancer',
    '@vaultmesh/server',
    '@vaultmesh/testing',
    '@vaultmesh/tlog',
    '@vaultmesh/tsp',
  ],
  '@vaultmesh/testing': [],
}

/** Private packages that every package's tests, and no sources, may import. */
export const testOnly: readonly string[] = ['@vaultmesh/testing']

/**
 * Entry points that run in a browser: neither they nor anything they import, of ours, may import a
 * Node built-in or use a Node global. `except` names the entry points of a package that may.
 */
export const browserSafe: readonly (
  | { readonly package: string; readonly except: readonly string[] }
  | { readonly package: string; readonly only: readonly string[] }
)[] = [
  { package: '@vaultmesh/merkle', except: ['./node'] },
  { package: '@vaultmesh/tsp', except: ['./node'] },
  { package: '@vaultmesh/remembrancer', only: ['./verify'] },
  { package: '@vaultmesh/federation', only: ['.'] },
]
