/** Runs before each test file: one seed, one run count and one report for every property. */
import { dirname, relative, resolve } from 'node:path'
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
