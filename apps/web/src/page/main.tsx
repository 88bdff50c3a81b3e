/** Starts the page. */
import { render } from 'preact'
import { App } from './app.tsx'
import { watchDrops } from './drops.ts'
import { whileLoading } from './loading.ts'
import { unableBecause } from './ready.ts'
import { createStore } from './store.ts'

async function start(root: Element): Promise<void> {
  const unable = await unableBecause(globalThis)
  const store = createStore({
    loadForks: () => import('./judge-fork.ts'),
    loadOpenPgp: () => import('openpgp'),
  })
  // What is said where this does not run.
  root.replaceChildren()
  render(<App store={store} unable={unable} />, root)
  if (unable !== undefined) return
  watchDrops(document, (files) => void store.take(files))
  if (location.search !== '') await store.follow(location.href)
}

const root = document.querySelector('#app')
if (root === null) throw new Error('the page has no #app')
// Not awaited: the parts that are loaded later import this module, and would wait for its end.
void whileLoading(document, start(root))
