import { defineConfig } from 'vitest/config'

// Tests import the sources of the workspace's packages, so they run without a build.
const conditions = ['@vaultmesh/source']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['{packages,apps,tools}/*/test/**/*.test.ts', 'scripts/test/**/*.test.ts'],
    setupFiles: ['@vaultmesh/testing/setup'],
    reporters: ['default', './tools/testing/src/reporter.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts'],
      reporter: ['text-summary', 'json'],
    },
  },
})
