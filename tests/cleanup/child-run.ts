// A run in a process of its own, for the tests that stop or kill it: makes an artefact of every kind, says so, and waits.
import { withTeardown } from '../../src/cleanup/signals.js';
import { openWorkspace } from '../../src/cleanup/workspace.js';
import { optionsFor, scriptedRun, type MemmapPlace } from './world.js';

const [root, memmap, switchOn, stubborn] = process.argv.slice(2);
const workspace = await openWorkspace(
  optionsFor(root, memmap as MemmapPlace, { policy: { cleanupTempArtifacts: switchOn === 'true' } }),
);
const say = (word: string): void => void process.stdout.write(`${word}\n`);
try {
  await withTeardown(
    workspace,
    {
      graceMs: 60_000,
      onReport: (_report, outcome) => say(outcome),
      onSignal: (_signal, count) => say(`signal ${count}`),
    },
    (abort) =>
      scriptedRun(workspace, {
        atPhase: async (phase) => {
          if (phase !== 'assembly') return;
          const keepAlive = setInterval(() => undefined, 1000);
          say('ready');
          await new Promise((_resolve, reject) => {
            // A stubborn body does not listen: only a second signal ends the wait for it.
            if (stubborn !== 'stubborn') abort.addEventListener('abort', () => reject(abort.reason as Error));
          }).finally(() => clearInterval(keepAlive));
        },
      }),
  );
} catch (error) {
  say((error as { code?: string }).code ?? String(error));
  process.exit(3);
}
