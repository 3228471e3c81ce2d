// A GPU takes its time to open: that begins with the run, beside the scan of its frames.
import type { BackendInfo, BackendName, ComputeBackend } from '../compute/backend.js';
import { prepareKnownAnswer } from '../compute/known-answer.js';
import type { BackendFactory } from '../compute/select.js';

export interface EarlyBackend {
  /** The same factories; the first who creates the backend gets the one that was begun, or its failure. */
  readonly factories: readonly BackendFactory[];
  /** Ends what was begun and nobody has come for, be it open or not; resolves when it is gone. */
  discard(): Promise<void>;
}

/** Begins to create `name`, and, where it may be taken, to make ready what its known answer needs: that costs seconds of a processor where there is no GPU. */
export function beginEarly(
  factories: readonly BackendFactory[],
  name: BackendName,
  mayTake: (info: BackendInfo) => boolean,
): EarlyBackend {
  const stop = new AbortController();
  let begun: Promise<ComputeBackend> | undefined;
  const wrapped = factories.map((factory): BackendFactory => {
    if (factory.name !== name) return factory;
    begun = factory.create(stop.signal);
    // whoever comes for it is told; until then its failure must not count as unhandled
    begun
      .then((backend) => (mayTake(backend.info) ? prepareKnownAnswer(backend) : undefined))
      .catch(() => undefined);
    return { ...factory, create: () => take() ?? factory.create() };
  });
  const take = () => {
    const taken = begun;
    begun = undefined;
    return taken;
  };
  return {
    factories: wrapped,
    async discard() {
      const left = take();
      if (!left) return;
      stop.abort();
      await left.then(
        (backend) => backend.close(),
        () => undefined,
      );
    },
  };
}
