// A quantity against its limit, as a bar with its numbers.
export function Meter({
  label,
  value,
  limit,
  text,
}: {
  readonly label: string;
  readonly value: number;
  readonly limit: number;
  readonly text: string;
}) {
  const share = limit > 0 ? Math.min(1, value / limit) : 0;
  return (
    <div class="meter">
      <span class="meter-label">{label}</span>
      <span class="numbers">{text}</span>
      <div
        class="bar"
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(100 * share)}
        aria-valuetext={text}
      >
        <i class={share > 0.9 ? 'high' : ''} style={{ width: `${100 * share}%` }} />
      </div>
    </div>
  );
}
