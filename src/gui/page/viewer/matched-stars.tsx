// How well the stars of the mosaic stand where the catalogue has them, in a sentence under the overlay.
import type { CatalogueStarMark } from '../../api.js';
import { useApp } from '../app-state.js';

export function MatchedStars({ stars }: { readonly stars: readonly CatalogueStarMark[] }) {
  const { messages } = useApp();
  const looked = stars.filter(({ found }) => found !== undefined);
  const offsets = looked
    .flatMap(({ x, y, found }) => (found ? [Math.hypot(found[0] - x, found[1] - y)] : []))
    .sort((a, b) => a - b);
  if (offsets.length === 0) return null;
  return (
    <p class="hint" role="status">
      {messages.t('gui_stars_matched', {
        found: offsets.length,
        looked: looked.length,
        offset: messages.number(offsets[offsets.length >> 1], 2),
      })}
    </p>
  );
}
