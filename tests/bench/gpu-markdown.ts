// The results of the GPU bench as Markdown, as far as they are there.
import type { AdapterSummary } from '../../src/gpu/adapters.js';
import type { RunReport } from '../../src/report/run-report.js';
import type { KernelRow } from './bench-kernels.js';
import type { Usage } from './usage.js';

export interface JobResult extends Usage {
  readonly backend: string;
  /** Options that it ran with. */
  readonly label: string;
  readonly report: RunReport;
}

export interface GpuResults {
  date: string;
  machine: string;
  runtime: string;
  adapters?: readonly AdapterSummary[];
  adapter?: { name: string; hardware: boolean; timestamps: boolean; maxBufferBytes: number };
  /** Kernels whose known answer is wrong. */
  wrong?: readonly string[];
  checks?: { held: number; failed: readonly string[] };
  side?: number;
  /** Bytes a second through the plainest kernel. */
  bandwidth?: number;
  kernels?: readonly KernelRow[];
  jobs?: readonly JobResult[];
  /** The GPU's mosaic against the processor's: samples covered by either, beyond 1e-5 relative, covered by one alone. */
  parity?: { covered: number; beyond: number; coverage: number };
}

export function gpuMarkdown(results: GpuResults): string {
  return [heading(results), kernelTable(results), jobTable(results), stageTable(results)]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');
}

function heading({ date, machine, runtime, adapters, adapter, wrong, checks, parity }: GpuResults): string {
  const lines = [`# GPU bench, ${date}`, '', `- machine: ${machine}, ${runtime}`];
  adapters?.forEach(({ name, backend, hardware, maxBufferBytes }, n) =>
    lines.push(
      `- adapter ${n}: ${name} (${backend}, ${hardware ? 'hardware' : 'software'}, largest buffer ${mib(maxBufferBytes)})`,
    ),
  );
  if (adapter) {
    const clock = adapter.timestamps
      ? 'its own clock (timestamp-query)'
      : 'no clock of its own: shares of the time until it was done';
    lines.push(`- used: ${adapter.name}, ${clock}`);
  }
  if (wrong)
    lines.push(`- known answer: ${wrong.length === 0 ? 'right, all kernels' : `WRONG: ${wrong.join(', ')}`}`);
  if (checks) {
    lines.push(`- checks of the kernels: ${checks.held} held, ${checks.failed.length} failed`);
    lines.push(...checks.failed.map((text) => `  - ${text.replaceAll('\n', ' ')}`));
  }
  if (parity) {
    const share = ((100 * parity.beyond) / Math.max(1, parity.covered)).toExponential(1);
    lines.push(
      `- mosaic against the processor's: ${parity.beyond} of ${parity.covered} samples (${share} %) differ by more than 1e-5, ${parity.coverage} are covered by one alone`,
    );
  }
  return lines.join('\n');
}

function kernelTable({ side, bandwidth, kernels }: GpuResults): string {
  if (!kernels || bandwidth === undefined) return '';
  return [
    `## Kernels, cells of ${side} px, ${digits(bandwidth / 1e9)} GB/s through the plainest kernel`,
    '',
    '| kernel | M samples/s | GB/s | share of the bandwidth |',
    '|---|---|---|---|',
    ...kernels.map(
      ({ label, mpxPerSecond, gbPerSecond, share }) =>
        `| ${label} | ${digits(mpxPerSecond)} | ${digits(gbPerSecond)} | ${(100 * share).toFixed(0)} % |`,
    ),
  ].join('\n');
}

function jobTable({ jobs }: GpuResults): string {
  if (!jobs || jobs.length === 0) return '';
  const { used } = jobs[0].report.inputs;
  const { width_px: nx, height_px: ny } = jobs[0].report.grid!;
  return [
    `## Whole job, ${used} subs onto ${nx} x ${ny} px`,
    '',
    'CPU time and memory are those of the run; the process that owns the device has its own.',
    '',
    '| backend | options | wall s | CPU-s | peak MiB | integration s | kernels s | busy |',
    '|---|---|---|---|---|---|---|---|',
    ...jobs.map(({ backend, label, wallSeconds, cpuSeconds, peakMiB, report: { device_time: time } }) => {
      const device = time
        ? [time.assembly_ms / 1000, time.kernel_ms / 1000]
            .map((s) => s.toFixed(2))
            .concat(`${(100 * time.busy_share).toFixed(0)} %`)
        : ['', '', ''];
      return `| ${[backend, label, wallSeconds.toFixed(2), cpuSeconds.toFixed(1), peakMiB.toFixed(0), ...device].join(' | ')} |`;
    }),
  ].join('\n');
}

/** Of the fastest run on the GPU. */
function stageTable({ jobs }: GpuResults): string {
  const runs = (jobs ?? []).filter(({ backend }) => backend === 'webgpu');
  if (runs.length === 0) return '';
  const { report } = runs.reduce((best, run) => (run.wallSeconds < best.wallSeconds ? run : best));
  return [
    '## Stages of the fastest run',
    '',
    '| stage | backend | s | MB | MB/s |',
    '|---|---|---|---|---|',
    ...report.stages.map(
      ({ stage, backend, wall_ms: wallMs, bytes, bytes_per_second: rate }) =>
        `| ${stage} | ${backend} | ${(wallMs / 1000).toFixed(3)} | ${(bytes / 1e6).toFixed(1)} | ${digits(rate / 1e6)} |`,
    ),
  ].join('\n');
}

const mib = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;

/** Three significant digits. */
const digits = (value: number): string => String(Number(value.toPrecision(3)));
