/** Run by `.githooks/pre-commit`: ends with 1 where what is staged holds a secret. */
import { describeFinding, scanStaged } from './steps/secrets.ts'

const findings = await scanStaged(process.cwd())
for (const finding of findings) process.stderr.write(`${describeFinding(finding)}\n`)
process.exitCode = findings.length === 0 ? 0 : 1
