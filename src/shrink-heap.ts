// Makes V8 give back what nobody needs. A collection by itself leaves pages of the heap half empty, and a young space of up to 32 MB, which only grows; V8 gives up both where
// memory is told to be low, which from within a program is done by the debugger's protocol alone.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Collects all garbage of this thread's heap, with the arrays and memories of WebAssembly that nobody holds, and moves what is left together. */
export async function shrinkHeap(): Promise<void> {
  try {
    const { Session } = await import('node:inspector');
    const session = new Session();
    session.connect();
    // Deno answers later, and would end before that with nothing else to wait for.
    const waiting = setInterval(() => undefined, 1000);
    try {
      await new Promise<void>((resolve, reject) => {
        session.post('HeapProfiler.collectGarbage', (error) => {
          if (error) reject(error);
          else resolve();
        });
      });
    } finally {
      clearInterval(waiting);
      session.disconnect();
    }
  } catch {
    // a Node without its debugger, or another program than Node
    collectGarbage();
  }
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  try {
    (runInNewContext('gc') as () => void)();
  } finally {
    setFlagsFromString('--no-expose-gc');
  }
}
