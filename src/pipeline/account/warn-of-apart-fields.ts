// Says which of several fields of one folder is made, and how to make the others.
import type { ApartFields, SkyField } from '../../frames/sky-fields.js';
import type { EventSink } from '../../report/events.js';

/** More of them would make a message that nobody reads; the reasons of their frames name them all. */
const MOST_NAMED = 8;

export function warnOfApartFields(
  sink: EventSink,
  { made, others, megapixels, blankPercent }: NonNullable<ApartFields['told']>,
): void {
  const named = ({ at, frames }: SkyField) => `${at} (${frames.length})`;
  const list = others.slice(0, MOST_NAMED).map(named);
  if (others.length > MOST_NAMED) list.push('…');
  const params = {
    fields: others.length + 1,
    megapixels,
    blank: blankPercent,
    made: named(made),
    others: list.join(' · '),
    first: others[0].at,
  };
  sink.emit({ type: 'warning', message: { code: 'pipeline_apart_fields', params } });
}
