// Opens the device in its process, tells that process's number and what it computes on, and waits to be ended.
import { createProcessBackend } from '../../dist/gpu/process/process-backend.js';

const backend = await createProcessBackend({ allowSoftware: true });
process.stdout.write(`${backend.pid} ${backend.info.device}\n`);
if (process.argv[2] === 'close') await backend.close();
else setInterval(() => undefined, 1000);
