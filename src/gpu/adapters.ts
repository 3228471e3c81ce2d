// Which adapters there are, and the choice of one.
import { GpuError, reasonOf } from './gpu-error.js';
import { type GpuProvider, isDeno, loadProvider } from './provider.js';
import { hasVulkanLoader } from './vulkan-loader.js';

/** An adapter that Dawn can open. */
export interface AdapterSummary {
  /** In Dawn's words, which the drivers give: what `adapterName` takes, besides its place in the list. */
  readonly name: string;
  /** The maker's words. */
  readonly description: string;
  /** Graphics interface underneath: vulkan, metal, d3d12. */
  readonly backend: string;
  readonly hardware: boolean;
  readonly maxBufferBytes: number;
}

export interface AdapterChoice {
  /** Accept an adapter that computes on the processor. */
  readonly allowSoftware?: boolean;
  /** Name of an adapter, a part of it whatever its case, or its number in `listAdapters`; absent: the fastest. */
  readonly adapterName?: string;
  /** Further options of Dawn. */
  readonly dawnOptions?: readonly string[];
}

/** Dawn lists its adapters when it is asked for one by a name that no adapter has. */
const NO_SUCH_ADAPTER = 'adapter=(none has this name)';
const LISTED = /backend: '([^']*)', name: '([^']*)'/g;

/** Adapter in the maker's words. */
export function describeAdapter(info: GPUAdapterInfo): string {
  const words = [info.description, info.device, info.architecture, info.vendor];
  return words.find((word) => word !== '') ?? '?';
}

/** Buffers of kernels are bound whole: both limits hold. */
export function maxBindableBytes(limits: GPUSupportedLimits): number {
  return Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
}

/** Adapters of this machine, in Dawn's order; under Deno the one it offers. None is opened. Throws GpuError as `loadProvider`. */
export async function listAdapters(): Promise<AdapterSummary[]> {
  if (!isDeno && !hasVulkanLoader()) return [];
  const provider = await loadProvider();
  if (provider.name === 'deno') {
    const adapter = await provider.create([]).requestAdapter({ powerPreference: 'high-performance' });
    if (adapter === null) return [];
    return [summaryOf(adapter, describeAdapter(adapter.info), 'wgpu')];
  }
  const found: AdapterSummary[] = [];
  for (const [, backend, name] of (await namesOf(provider)).matchAll(LISTED)) {
    const gpu = provider.create([`backend=${backend}`, `adapter=${name}`]);
    const adapter = await gpu.requestAdapter();
    if (adapter === null) continue;
    found.push(summaryOf(adapter, name, backend));
  }
  return found;
}

function summaryOf(adapter: GPUAdapter, name: string, backend: string): AdapterSummary {
  return {
    name,
    backend,
    description: describeAdapter(adapter.info),
    hardware: isHardware(adapter),
    maxBufferBytes: maxBindableBytes(adapter.limits),
  };
}

async function namesOf(dawn: GpuProvider): Promise<string> {
  try {
    const gpu = dawn.create([NO_SUCH_ADAPTER]);
    return (await gpu.requestAdapter()) === null ? '' : NO_SUCH_ADAPTER;
  } catch (error) {
    return reasonOf(error);
  }
}

export function isHardware(adapter: GPUAdapter): boolean {
  return !adapter.info.isFallbackAdapter;
}

/**
 * The adapter that fits: by name, else the fastest. Throws GpuError: `gpu_adapter_not_found` (name, those there are),
 * `gpu_no_adapter`, `gpu_software_only` when the adapter is software and that was not allowed, `gpu_null_adapter` for Dawn's null
 * backend, which computes nothing.
 */
export async function chooseAdapter(provider: GpuProvider, choice: AdapterChoice): Promise<GPUAdapter> {
  const isBackendNamed = choice.dawnOptions?.some((option) => option.startsWith('backend=')) ?? false;
  if (provider.name === 'dawn' && !isBackendNamed && !hasVulkanLoader()) {
    throw new GpuError('gpu_no_adapter', { reason: 'libvulkan.so.1' });
  }
  const { adapterName } = choice;
  const gpu = provider.create([
    ...(choice.dawnOptions ?? []),
    ...(adapterName === undefined ? [] : await optionsFor(adapterName)),
  ]);
  let adapter: GPUAdapter | null;
  try {
    adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  } catch (error) {
    throw new GpuError('gpu_no_adapter', { reason: reasonOf(error) }, { cause: error });
  }
  if (adapter === null) throw new GpuError('gpu_no_adapter', { reason: 'requestAdapter' });
  if (adapter.info.device === 'null-backend') throw new GpuError('gpu_null_adapter');
  if (!isHardware(adapter) && choice.allowSoftware !== true) {
    throw new GpuError('gpu_software_only', { adapter: describeAdapter(adapter.info) });
  }
  return adapter;
}

/** Dawn's options for the adapter that is meant: the one of that number, else of that name, else the first with that part of a name. */
async function optionsFor(wanted: string): Promise<string[]> {
  const adapters = await listAdapters();
  const text = wanted.trim().toLowerCase();
  const names = ({ name, description }: AdapterSummary) => [name.toLowerCase(), description.toLowerCase()];
  const meant =
    (/^\d+$/.test(text) ? adapters[Number(text)] : undefined) ??
    adapters.find((one) => names(one).includes(text)) ??
    adapters.find((one) => names(one).some((name) => name.includes(text)));
  if (meant) return [`backend=${meant.backend}`, `adapter=${meant.name}`];
  const available = adapters.map(({ name }) => name).join(', ') || '-';
  throw new GpuError('gpu_adapter_not_found', { name: wanted, available });
}
