import { defineConfig } from 'vitest/config'

// Tests import the sources of the workspace's packages, so they run without a build.
const conditions = ['@vaultmesh/source']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['{packages,apps,tools}/*/test/**/*.test.ts', 'scripts/test/**/*.test.ts'],
    globalSetup: './apps/cli/test/support/bundle-vm.ts',
    setupFiles: ['@vaultmesh/testing/setup'],
    reporters: ['default', './tools/testing/src/reporter.ts'],
    // Many tests wait for programs that they start, so no core is left over for the runner alone.
    maxWorkers: '100%',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts'],
      reporter: ['text-summary', 'json'],
    },
  },
})
