/** What the tests of several packages share: programs and data that may be absent, and folders. */

export { conformanceDirectory } from './conformance.ts'
export { listening } from './listening.ts'
export { findProgram } from './programs.ts'
export { propertyParameters } from './property.ts'
export {
  type ReadmeExampleOptions,
  readmeExamples,
  runReadmeExample,
  sourceFlags,
} from './readme.ts'
export { describeWith, itWith } from './requirements.ts'
export { temporaryDirectory } from './temporary.ts'
