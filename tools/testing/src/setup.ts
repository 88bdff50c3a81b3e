/**
 * Runs before each test file: one seed, one run count and one report for every property, and one
 * cache of compiled code for all programs that tests start.
 */
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { configureGlobal, type RunDetails } from 'fast-check'
import { expect } from 'vitest'
import { failureReport, propertyParameters, type RunningTest } from './property.ts'

const repository = resolve(dirname(fileURLToPath(import.meta.url)), '../../..')

function runningTest(): RunningTest | undefined {
  const { testPath, currentTestName } = expect.getState()
  if (testPath === undefined || currentTestName === undefined) return undefined
  return { file: relative(repository, testPath), name: currentTestName }
}

function reporter(details: RunDetails<unknown>): void {
  const report = failureReport(details, runningTest())
  if (report !== undefined) throw new Error(report, { cause: details.errorInstance })
}

configureGlobal({ ...propertyParameters(process.env), reporter })

// Half of the time that such a program takes goes into reading the sources of the workspace.
process.env['NODE_COMPILE_CACHE'] ??= join(repository, 'node_modules/.cache/node')
