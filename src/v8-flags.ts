// Flags of V8 for a run. Code that was kept, Node's own of its modules and that beside the joined program, is taken with V8's own flags only: whatever
// loads code or starts a thread does so with those, or V8 parses and compiles all of it (Node's modules of a start 20 ms, those of a thread 25).
import { setFlagsFromString } from 'node:v8';

interface Flag {
  readonly own: string;
  run: string;
}

/** How far the heap of a run may grow beyond what a collection leaves of it, percent. Its first leaves ten megabytes, beside which large arrays come and go, and V8 marks it whole for every so much of them; of its own accord it allows 300. */
export const RUN_HEAP_GROWTH_PERCENT = 600;

const heapGrowth: Flag = {
  own: '--heap-growing-percent=0',
  run: `--heap-growing-percent=${RUN_HEAP_GROWTH_PERCENT}`,
};

/** By what factor the young space grows once it is often full. What a start has made of it is enough where few objects stay: V8 would take four times as much, page by page. */
const youngGrowth: Flag = { own: '--semi-space-growth-factor=2', run: '--semi-space-growth-factor=1' };

// A run calls some hundred functions often enough for V8's optimising compiler and few of them long enough to pay for it: asked for later, it takes
// a third as long in all, and the hot loops notice nothing; nor does a function then take in as much of what it calls, for its compiling costs more
// than the calls that it spares. Later versions of V8 have no such flag, say so on the screen, and gain nothing by the ones that came in its place.
const COMPILER: readonly Flag[] = process.versions.node.startsWith('20.')
  ? [
      { own: '--interrupt-budget=67584', run: '--interrupt-budget=600000' },
      {
        own: '--max-inlined-bytecode-size-cumulative=920',
        run: '--max-inlined-bytecode-size-cumulative=200',
      },
    ]
  : [];

const FLAGS: readonly Flag[] = [
  ...COMPILER,
  heapGrowth,
  youngGrowth,
  // What is there from the start does not have to be compiled after all because it was not called for a while.
  { own: '--flush-bytecode', run: '--no-flush-bytecode' },
];

let isRun = false;
let loads = 0;

function set(kind: keyof Flag): void {
  for (const flag of FLAGS) setFlagsFromString(flag[kind]);
}

/** From now on the flags of a run, in this process. */
export function setRunFlags(): void {
  if (isRun) return;
  isRun = true;
  if (loads === 0) set('run');
}

/** From now on the heap of a run may grow by so many percent of what a collection leaves of it, RUN_HEAP_GROWTH_PERCENT at first. */
export function setHeapGrowth(percent: number): void {
  heapGrowth.run = `--heap-growing-percent=${percent}`;
  if (isRun && loads === 0) set('run');
}

/** Whether the young space of a run may grow from now on; at first it may not. */
export function setYoungSpaceGrows(grows: boolean): void {
  youngGrowth.run = grows ? youngGrowth.own : '--semi-space-growth-factor=1';
  if (isRun && loads === 0) set('run');
}

/** V8 has its own flags until what this gives is called, once or more often. */
export function ownFlags(): () => void {
  if (loads++ === 0 && isRun) set('own');
  let open = true;
  return () => {
    if (open && --loads === 0 && isRun) set('run');
    open = false;
  };
}
