/** Text that somebody else wrote, kept apart from ours. */
import type { VNode } from 'preact'
import { reveal } from './reveal.ts'

/**
 * Foreign text: as text only, isolated from the direction of what is around it, and with characters
 * that show nothing spelled out.
 */
export function Foreign({ text, lines = false }: { text: string; lines?: boolean }): VNode {
  return (
    <bdi>
      {reveal(text, { lines }).map((piece) =>
        piece.kind === 'text' ? (
          piece.text
        ) : (
          <span class="hidden-character" title="a character that shows nothing of itself">
            {piece.name}
          </span>
        ),
      )}
    </bdi>
  )
}
