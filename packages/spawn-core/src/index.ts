/** From a template and answers to a committed, signed, verified service. */

export type { Answer, Answers } from './answers.ts'
export { check, limits } from './check/check.ts'
export type { Problem, ProblemCode } from './check/problem.ts'
export {
  type CommitOptions,
  type CommitStage,
  commit,
  commitStages,
  type SpawnReceipt,
} from './commit/commit.ts'
export type { Environment } from './environment.ts'
export { SpawnError, type SpawnErrorCode, spawnErrorCodes } from './errors.ts'
export {
  type Envelope,
  type ManifestSigner,
  type ManifestVerifier,
  manifestPae,
  parseEnvelope,
} from './manifest/envelope.ts'
export {
  envelopePath,
  type Generator,
  type Manifest,
  type ManifestFile,
  manifestMediaType,
  manifestPath,
  type ParsedManifest,
  parseManifest,
} from './manifest/manifest.ts'
export { type Plan, type PlannedFile, plan, type TemplateIdentity } from './plan.ts'
export { type Rendered, type RenderedFile, render } from './render/render.ts'
export { type ReceiptSink, type SpawnOptions, spawn } from './spawn.ts'
export type { TemplateDefinition } from './template/definition.ts'
export type { Mode, Template, TemplateFile } from './template/load.ts'
export type { Policy, PolicyRule } from './template/policies.ts'
export {
  builtinTemplates,
  loadTemplate,
  type TemplateDirectory,
  type TemplateSummary,
} from './template/resolve.ts'
export type { Command, RunSpecification, Verification } from './template/verification.ts'
export type {
  Differences,
  StepObserver,
  StepStatus,
  VerifyReport,
  VerifyStep,
  VerifyTier,
} from './verify/report.ts'
export { type VerifyDeadlines, type VerifyOptions, verify } from './verify/verify.ts'
