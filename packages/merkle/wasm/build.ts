/** `node packages/merkle/wasm/build.ts` writes the module as the package loads it. */
import { writeFileSync } from 'node:fs'
import { encodeModule } from './module.ts'

const text = `/** Written by wasm/build.ts: change wasm/module.ts instead. */

/** The WebAssembly module, in base64. */
export const moduleBase64 =
  '${Buffer.from(encodeModule()).toString('base64')}'
`

writeFileSync(new URL('../src/simd/module.ts', import.meta.url), text)
