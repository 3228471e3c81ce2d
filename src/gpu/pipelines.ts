// Compiles kernels, each variant once.
import { contracts, type KernelStem } from '../compute/contracts/index.js';
import type { KernelContract } from '../compute/contract.js';
import { GpuError } from './gpu-error.js';
import type { ShaderVariant } from './gpu-kernel.js';
import { shaderSource } from './shader-source.js';

/** A compiled variant; `problem` resolves to the compiler's complaint, if there is one. */
export interface Pipeline {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly problem: Promise<GpuError | undefined>;
}

/** Replaces the source of a shader before it is compiled (debugging, mutants). */
export type ShaderOverride = (stem: KernelStem, source: string) => string;

/** GPUShaderStage.COMPUTE, which only exists as a global once Dawn is loaded. */
const COMPUTE_STAGE = 4;

export class Pipelines {
  private readonly cache = new Map<string, Pipeline>();
  private readonly underWay = new Map<string, Promise<void>>();

  constructor(
    private readonly device: GPUDevice,
    private readonly override: ShaderOverride = (_stem, source) => source,
  ) {}

  /** Never throws for a bad shader: errors go to the caller's error scope, the compiler's words to `problem`. */
  get(stem: KernelStem, variant: ShaderVariant): Pipeline {
    const key = `${stem}/${variant.name}`;
    let entry = this.cache.get(key);
    if (entry === undefined) {
      entry = this.compile(key, stem, variant);
      this.cache.set(key, entry);
    }
    return entry;
  }

  /** Compiles what is neither there nor under way beside other work. What is bad is left to `get`, which tells of it. */
  async prepare(stem: KernelStem, variant: ShaderVariant): Promise<void> {
    const key = `${stem}/${variant.name}`;
    if (this.cache.has(key)) return;
    const preparing = this.underWay.get(key) ?? this.compileBeside(key, stem, variant);
    this.underWay.set(key, preparing);
    await preparing;
    this.underWay.delete(key);
  }

  private async compileBeside(key: string, stem: KernelStem, variant: ShaderVariant): Promise<void> {
    this.device.pushErrorScope('validation');
    const compiled = this.begin(key, stem, variant, (parts) => this.device.createComputePipelineAsync(parts));
    const fault = this.device.popErrorScope();
    const pipeline = await compiled.pipeline.catch(() => undefined);
    if ((await fault) === null && pipeline) this.cache.set(key, { ...compiled, pipeline });
  }

  private compile(key: string, stem: KernelStem, variant: ShaderVariant): Pipeline {
    return this.begin(key, stem, variant, (parts) => this.device.createComputePipeline(parts));
  }

  private begin<P>(
    label: string,
    stem: KernelStem,
    variant: ShaderVariant,
    create: (parts: GPUComputePipelineDescriptor) => P,
  ): Omit<Pipeline, 'pipeline'> & { readonly pipeline: P } {
    const source = this.override(stem, shaderSource(stem, variant));
    const module = this.device.createShaderModule({ label, code: source });
    const layout = this.device.createBindGroupLayout({ label, entries: bindings(contracts[stem]) });
    const pipeline = create({
      label,
      layout: this.device.createPipelineLayout({ label, bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: 'main' },
    });
    return { pipeline, layout, problem: complaint(module, stem, source) };
  }
}

/** Binding 0 is the parameter struct, then the contract's buffers in their order. */
function bindings(contract: Pick<KernelContract<never>, 'buffers'>): GPUBindGroupLayoutEntry[] {
  const buffers = contract.buffers.map(({ access }, i): GPUBindGroupLayoutEntry => ({
    binding: i + 1,
    visibility: COMPUTE_STAGE,
    buffer: { type: access === 'read' ? 'read-only-storage' : 'storage' },
  }));
  return [{ binding: 0, visibility: COMPUTE_STAGE, buffer: { type: 'uniform' } }, ...buffers];
}

async function complaint(
  module: GPUShaderModule,
  stem: KernelStem,
  source: string,
): Promise<GpuError | undefined> {
  // Deno has no such call: there the words are those of the error scope.
  const info = await (module as Partial<GPUShaderModule>).getCompilationInfo?.();
  const messages = info?.messages ?? [];
  const first = messages.find(({ type }) => type === 'error');
  if (first === undefined) return undefined;
  const text = source.split('\n')[first.lineNum - 1]?.trim() ?? '';
  return new GpuError('gpu_shader_error', { stem, line: first.lineNum, text, reason: first.message });
}
