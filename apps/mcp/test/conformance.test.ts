/**
 * The conformance suite of the Model Context Protocol: all that 2026-07-28 and 2025-11-25 require
 * against an entry around our factory, and what needs no fixture against our handler as it is.
 */
import { fixtureFreeScenarios, mcpConformance } from '@vaultmesh/testing/mcp-conformance'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mcpHandler } from '../src/index.ts'
import { conformanceEntry } from './conformance/entry.ts'
import { serve } from './kit/http.ts'
import { makeWorld, type World } from './kit/world.ts'

let world: World
beforeAll(async () => {
  world = await makeWorld()
})
afterAll(() => world.close())

describe('the entry around our factory', () => {
  let url: string
  beforeAll(async () => {
    const served = await serve(conformanceEntry(world.reading))
    url = served.url
    return () => served.close()
  })

  it('passes all that 2026-07-28 requires', async () => {
    const run = await mcpConformance(url, '2026-07-28')
    // What is not required are tasks, an extension, which we have not.
    expect(run.failures.filter((line) => !line.startsWith('tasks-'))).toEqual([])
    expect(run.exitCode, run.output).toBe(0)
    expect(run.output).not.toMatch(/^✗ (?!tasks-)/m)
    expect(run.scenarios).toHaveLength(50)
  })

  it('passes every check of 2025-11-25', async () => {
    const run = await mcpConformance(url, '2025-11-25')
    expect(run.failures).toEqual([])
    expect(run.exitCode, run.output).toBe(0)
    expect(run.passed).toBe(84)
    expect(run.scenarios).toHaveLength(33)
  })
})

describe('our handler as it is', () => {
  let url: string
  beforeAll(async () => {
    const handler = mcpHandler(world.writing)
    const served = await serve(handler.fetch)
    url = served.url
    return async () => {
      await served.close()
      await handler.close()
    }
  })

  it('passes what needs no fixture of 2026-07-28', async () => {
    const run = await mcpConformance(url, '2026-07-28')
    expect(run.notPassed(fixtureFreeScenarios), run.output).toEqual([])
  })

  it('passes what needs neither a fixture nor a session of 2025-11-25', async () => {
    const run = await mcpConformance(url, '2025-11-25')
    const scenarios = [
      ...['server-initialize', 'ping', 'tools-list', 'resources-list', 'prompts-list'],
      'dns-rebinding-protection',
    ]
    expect(run.notPassed(scenarios), run.output).toEqual([])
  })
})
