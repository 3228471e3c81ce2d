// Opens and closes devices while garbage is collected: the process outlives it.
import { listAdapters } from '../../dist/gpu/adapters.js';
import { openDevice } from '../../dist/gpu/device.js';

for (let round = 0; round < 12; round++) {
  const { device, provider, close } = await openDevice({ allowSoftware: true });
  device.createBuffer({ size: 1024, usage: provider.bufferUsage.STORAGE });
  await listAdapters();
  close();
  for (let k = 0; k < 3; k++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
