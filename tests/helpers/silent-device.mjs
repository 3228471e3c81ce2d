// A device's process that never says a word, as one does whose driver hangs at the start. Ends with its socket.
import net from 'node:net';

const socket = new net.Socket({ fd: 3, readable: true, writable: true });
socket.on('close', () => process.exit(0));
socket.resume();
