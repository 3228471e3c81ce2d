// Says that its device is open, and answers nothing after that. Ends with its socket, as the real process does.
import net from 'node:net';
import { sendFrame } from '../../dist/gpu/process/wire.js';

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
const socket = new net.Socket({ fd: 3, readable: true, writable: true });
socket.on('close', () => process.exit(0));
socket.once('data', () =>
  sendFrame(socket, {
    opened: {
      name: 'webgpu',
      device: 'hanging',
      hardware: true,
      threads: 1,
      limits: { maxBufferBytes: 2 ** 30, maxResidentBytes: 2 ** 30 },
    },
  }),
);
socket.resume();
