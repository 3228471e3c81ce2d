// Opens a device with all that its adapter can do, and watches over it: loss and uncaptured errors become GpuErrors.
import {
  type AdapterChoice,
  chooseAdapter,
  describeAdapter,
  isHardware,
  maxBindableBytes,
} from './adapters.js';
import { GpuError, reasonOf } from './gpu-error.js';
import { type GpuProvider, loadProvider } from './provider.js';

/** An open device and what is known of it. */
export interface OpenDevice {
  readonly provider: GpuProvider;
  readonly device: GPUDevice;
  readonly adapter: string;
  readonly hardware: boolean;
  readonly hasTimestamps: boolean;
  /** Largest buffer that a kernel can bind, in bytes. */
  readonly maxBindableBytes: number;
  /** The first fault that no program was there to receive (loss of the device included), until the device is closed. */
  fault(): GpuError | undefined;
  /** Gives the device back; no fault is recorded after it. */
  close(): void;
}

/** Timestamps are rounded to 0.1 ms unless this is off; the times of small kernels would be 0. */
const FINE_TIMESTAMPS = 'disable-dawn-features=timestamp_quantization';

/**
 * Throws GpuError as `chooseAdapter` does, and `gpu_device_refused` when the adapter gives no device.
 */
export async function openDevice(choice: AdapterChoice): Promise<OpenDevice> {
  const provider = await loadProvider();
  const adapter = await chooseAdapter(provider, {
    ...choice,
    dawnOptions: [FINE_TIMESTAMPS, ...(choice.dawnOptions ?? [])],
  });
  const name = describeAdapter(adapter.info);
  const hasTimestamps = adapter.features.has('timestamp-query');
  const device = await requestDevice(adapter, name, hasTimestamps);
  let fault: GpuError | undefined;
  let isOpen = true;
  const record = (error: GpuError) => {
    if (isOpen) fault ??= error;
  };
  void device.lost.then((info) =>
    record(new GpuError('gpu_device_lost', { adapter: name, reason: info.message || info.reason })),
  );
  device.onuncapturederror = (event) =>
    record(new GpuError('gpu_internal_error', { adapter: name, reason: event.error.message }));
  return {
    provider,
    device,
    adapter: name,
    hardware: isHardware(adapter),
    hasTimestamps,
    maxBindableBytes: maxBindableBytes(device.limits),
    fault: () => fault,
    close: () => {
      device.destroy();
      isOpen = false;
    },
  };
}

/** The adapter's own limits, not WebGPU's defaults: the planner cuts cells to what the device can really bind. */
async function requestDevice(adapter: GPUAdapter, name: string, timestamps: boolean): Promise<GPUDevice> {
  try {
    return await adapter.requestDevice({
      requiredLimits: {
        maxBufferSize: adapter.limits.maxBufferSize,
        maxStorageBufferBindingSize: adapter.limits.maxStorageBufferBindingSize,
        maxStorageBuffersPerShaderStage: adapter.limits.maxStorageBuffersPerShaderStage,
        maxComputeWorkgroupsPerDimension: adapter.limits.maxComputeWorkgroupsPerDimension,
      },
      requiredFeatures: timestamps ? ['timestamp-query'] : [],
    });
  } catch (error) {
    throw new GpuError('gpu_device_refused', { adapter: name, reason: reasonOf(error) }, { cause: error });
  }
}
