import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createBarSink } from '../../src/report/bar-sink.js';
import { describeEvent, eventLevel } from '../../src/report/describe-event.js';
import { fanOut, OUTPUT_KINDS, PHASES, type RunEvent } from '../../src/report/events.js';
import { createJsonSink } from '../../src/report/json-sink.js';
import { createLineSink } from '../../src/report/line-sink.js';
import { createLogSink } from '../../src/report/log-file.js';
import { createMessages } from '../../src/report/messages.js';
import { RateMeter } from '../../src/report/rate-meter.js';

const messages = createMessages('en');
const saved = { code: 'cli_config_saved', params: { path: '/x' } };

const EVENTS: readonly RunEvent[] = [
  {
    type: 'run-started',
    runId: 'r1',
    version: '1.0',
    configDigest: 'd',
    inputDir: '/in',
    outputDir: '/out',
  },
  { type: 'phase-started', phase: 'ingest', unit: 'frames', total: 20 },
  ...Array.from(
    { length: 20 },
    (_, i) => ({ type: 'phase-progress', phase: 'ingest', done: i + 1 }) as const,
  ),
  { type: 'frame-rejected', path: '/in/a.fits', reason: saved },
  { type: 'stage-timing', stage: 'warp', backend: 'reference', wallMs: 1000, bytes: 1048576, items: 20 },
  { type: 'phase-finished', phase: 'ingest', done: 20, wallMs: 1500 },
  { type: 'notice', message: saved },
  { type: 'warning', message: saved },
  { type: 'debug', message: saved },
  { type: 'artifact-kept', path: '/out/m.dat', bytes: 2048, meaning: saved },
  { type: 'artifact-not-removed', outcome: 'failed', path: '/out/n.dat', reason: saved },
  { type: 'output-written', kind: 'science', path: '/out/z.fits', bytes: 1024 },
  { type: 'run-finished', outcome: 'success', framesUsed: 19, framesTotal: 20, wallMs: 61000 },
];

function gather(): { readonly text: () => string; write(text: string): void } {
  let all = '';
  return { text: () => all, write: (text) => void (all += text) };
}

describe('plain lines', () => {
  it('one line an event, progress at each tenth, inner timings left to the log', () => {
    const output = gather();
    const sink = createLineSink(output, messages);
    EVENTS.forEach((event) => sink.emit(event));
    expect(output.text().split('\n')).toEqual([
      'ZeMosaic 1.0: /in → /out',
      'Measure (20 frames)',
      ...[2, 4, 6, 8, 10, 12, 14, 16, 18].map((done) => `Measure: ${done} of 20`),
      'Not used: /in/a.fits: Saved: /x',
      'Measure: done in 1.5 s',
      'Note: Saved: /x',
      'Warning: Saved: /x',
      'Kept: /out/m.dat (2 KiB): Saved: /x',
      'Could not be removed: /out/n.dat: Saved: /x',
      'Mosaic: /out/z.fits (1 KiB)',
      'Done: 19 of 20 frames used, in 1 min 1 s',
      '',
    ]);
  });

  it('quiet leaves the warnings', () => {
    const output = gather();
    const sink = createLineSink(output, messages, { quiet: true });
    EVENTS.forEach((event) => sink.emit(event));
    expect(output.text()).toBe('Warning: Saved: /x\n');
  });

  it('a phase that comes twice counts its tenths anew', () => {
    const output = gather();
    const sink = createLineSink(output, messages);
    for (let round = 0; round < 2; round++) {
      sink.emit({ type: 'phase-started', phase: 'save', unit: 'steps', total: 2 });
      sink.emit({ type: 'phase-progress', phase: 'save', done: 1 });
    }
    expect(output.text().match(/Save: 1 of 2/g)).toHaveLength(2);
  });
});

describe('JSON lines', () => {
  it('every event whole, with its time', () => {
    const output = gather();
    const sink = createJsonSink(output, () => 0);
    EVENTS.forEach((event) => sink.emit(event));
    const lines = output.text().trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
      EVENTS.map((event) => ({ time: '1970-01-01T00:00:00.000Z', ...event })),
    );
  });
});

describe('the bar', () => {
  function terminal(): { stream: NodeJS.WritableStream; text: () => string } {
    let all = '';
    const stream = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        all += chunk.toString();
        done();
      },
    });
    return { stream: Object.assign(stream, { isTTY: true, columns: 200 }), text: () => all };
  }

  it('shows share, count, rate and remaining time, lets lines through and gives the cursor back', () => {
    const { stream, text } = terminal();
    let clock = 0;
    const sink = createBarSink(stream, messages, () => clock);
    for (const event of EVENTS) {
      if (event.type === 'phase-progress') clock += 500;
      if (event.type === 'phase-progress' && event.done > 10) continue;
      sink.emit(event);
    }
    sink.close();
    expect(text()).toContain('50 %  10/20 frames  2/s  5 s left');
    expect(text()).toContain('Not used: /in/a.fits: Saved: /x');
    expect(text()).toContain('Done: 19 of 20 frames used, in 1 min 1 s');
    expect(text().lastIndexOf('\u001b[?25h')).toBeGreaterThan(text().lastIndexOf('\u001b[?25l'));
  });

  it('counts when the total is unknown', () => {
    const { stream, text } = terminal();
    const sink = createBarSink(stream, messages, () => 0);
    sink.emit({ type: 'phase-started', phase: 'scan', unit: 'files' });
    sink.emit({ type: 'phase-progress', phase: 'scan', done: 7 });
    sink.close();
    expect(text()).toContain('Scan  7 files');
  });
});

describe('rate', () => {
  it('follows the readings and foretells the end', () => {
    const meter = new RateMeter(1000);
    expect([meter.perSecond, meter.remainingMs(10)]).toEqual([undefined, undefined]);
    meter.update(4, 3000);
    expect(meter.perSecond).toBeCloseTo(2);
    expect(meter.remainingMs(10)).toBeCloseTo(3000);
    // One half-life at four a second: half way between 2 and 4.
    meter.update(24, 8000);
    expect(meter.perSecond).toBeCloseTo(3);
    expect(meter.remainingMs(20)).toBe(0);
  });

  it('readings at the same moment do not divide by zero', () => {
    const meter = new RateMeter(0);
    meter.update(5, 0);
    meter.update(10, 1000);
    expect(meter.perSecond).toBeCloseTo(10);
  });
});

const unexpected = (error: unknown): void => {
  throw error;
};

describe('the log', () => {
  it('holds events at its level and above with their texts, appends, and begins with the first event', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'zemosaic-log-'));
    try {
      const path = join(dir, 'out', 'zemosaic.log');
      createLogSink(path, 'info', messages, unexpected).error(new Error('x'), 'refused');
      expect(await readdir(dir)).toEqual([]);
      for (let run = 0; run < 2; run++) {
        const log = createLogSink(path, 'info', messages, unexpected);
        EVENTS.forEach((event) => log.emit(event));
        log.error(new Error('broken'), 'It broke');
        log.close();
      }
      const lines = (await readFile(path, 'utf8'))
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { level: number; msg: string; event?: RunEvent });
      const shown = EVENTS.filter((event) => eventLevel(event) !== 'debug');
      expect(lines).toHaveLength(2 * (shown.length + 1));
      expect(lines.slice(0, shown.length).map(({ event }) => event)).toEqual(shown);
      expect(lines[shown.length]).toMatchObject({ level: 50, msg: 'It broke' });
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  it('that cannot be opened is reported once and stops nothing', () => {
    const failures: unknown[] = [];
    // A file cannot be a folder.
    const path = join(import.meta.filename, 'zemosaic.log');
    const log = createLogSink(path, 'info', messages, (error) => failures.push(error));
    EVENTS.forEach((event) => log.emit(event));
    log.close();
    expect(failures).toHaveLength(1);
  });
});

describe('texts of events', () => {
  it('exist for every phase and every output', () => {
    const texts = [
      ...PHASES.map((phase) => describeEvent({ type: 'phase-started', phase, unit: 'steps' }, messages)),
      ...OUTPUT_KINDS.map((kind) =>
        describeEvent({ type: 'output-written', kind, path: '/o', bytes: 1 }, messages),
      ),
    ];
    expect(texts.filter((text) => text.includes('report_'))).toEqual([]);
  });

  it('a run that is stopped does not say that it is done, nor that there is no mosaic', () => {
    const counts = { framesUsed: 0, framesTotal: 4, wallMs: 2000 };
    const text = describeEvent({ type: 'run-finished', outcome: 'interrupted', ...counts }, messages);
    expect(text).toBe('Ended early, after 2 s');
  });

  it('fanOut reaches all', () => {
    const seen: string[] = [];
    const sink = (name: string) => ({
      emit: (event: RunEvent) => void seen.push(`${name} ${event.type}`),
      close: () => void seen.push(`${name} close`),
    });
    const all = fanOut([sink('a'), sink('b')]);
    all.emit({ type: 'notice', message: saved });
    all.close();
    expect(seen).toEqual(['a notice', 'b notice', 'a close', 'b close']);
  });
});
