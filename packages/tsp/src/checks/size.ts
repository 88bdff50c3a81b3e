import { copyInput } from '../der.ts'
import { defineCheck, pass, type RunnableCheck } from './check.ts'

/** A token is bounded before anything of it is read or copied (GHSA-4qg8-fj49-pxjh: memory). */
export const sizeCheck: RunnableCheck = defineCheck({
  id: 'token.size',
  reference: 'own limit',
  needs: [],
  judge: (_facts, { token }) => pass(`${token.length} bytes`, { bytes: copyInput(token) }),
})
