/** Builds a tree of some thousand entries, by SIMD if it can, in a page or in a worker of one. */
import { TreeBuilder } from '@vaultmesh/merkle/build'
import { encodeHex, encodeUtf8 } from '@vaultmesh/merkle/bytes'
import { batchHasherFrom, sha256Hasher } from '@vaultmesh/merkle/rfc6962'
import { loadSimdHasher } from '@vaultmesh/merkle/simd'

const simd = await loadSimdHasher()
const tree = TreeBuilder.empty(simd ?? batchHasherFrom(sha256Hasher))
tree.append(Array.from({ length: 5000 }, (_, i) => encodeUtf8(`entry ${i}`)))
const result = `${simd === undefined ? 'fallback' : 'simd'} ${encodeHex(tree.root())}`

if (typeof document === 'undefined') {
  postMessage(result)
} else if (location.hash === '#worker') {
  const worker = new Worker(new URL(import.meta.url), { type: 'module' })
  worker.onmessage = ({ data }) => {
    document.body.textContent = `in a worker: ${data}`
  }
} else {
  document.body.textContent = result
}
