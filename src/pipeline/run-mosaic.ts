// A run from folder to mosaic: the workspace it is made in, the teardown whatever happens, the report of both.
import path from 'node:path';
import { STOP_AND_KEEP, withTeardown } from '../cleanup/signals.js';
import { openWorkspace } from '../cleanup/workspace.js';
import { configDigest } from '../config/digest.js';
import { runDirectories } from '../config/directories.js';
import type { RunConfig } from '../config/table.js';
import type { EventSink } from '../report/events.js';
import { writeRunReport, type RunReport } from '../report/run-report.js';
import { abortSignals } from './abort-signals.js';
import { announceStart, announceTeardown } from './account/announce-teardown.js';
import { RunRecorder } from './account/run-recorder.js';
import { emitVitals } from './account/vitals.js';
import { makeMosaic } from './make-mosaic.js';
import type { RunServices } from './mosaic-run.js';
import { StageLedger } from './stage-ledger.js';

/**
 * Makes the mosaic that `config` describes. The report is written into the output folder whichever way the run ends, and returned when it ends well.
 * Rejects with the error that ended it, after the teardown.
 */
export async function runMosaic(
  config: RunConfig,
  sink: EventSink,
  signal: AbortSignal,
  services: RunServices,
): Promise<RunReport> {
  const directories = runDirectories(config);
  const recorder = new RunRecorder(config, directories, services.version);
  const events: EventSink = {
    emit(event) {
      recorder.emit(event);
      sink.emit(event);
    },
  };
  const workspace = await openWorkspace({
    outputDir: directories.outputDir,
    inputPaths: [directories.inputDir],
    policy: {
      cleanupTempArtifacts: config.cleanup_temp_artifacts,
      coaddUseMemmap: config.coadd_use_memmap,
      coaddCleanupMemmap: config.coadd_cleanup_memmap,
      cacheRetention: config.cache_retention,
    },
    folders: directories,
    resume: config.resume !== 'off',
  });
  for (const output of services.otherOutputs ?? []) await workspace.registerOutput(output);
  const reportPath = path.join(directories.outputDir, 'run-report.json');
  await workspace.registerOutput(reportPath);
  events.emit({
    type: 'run-started',
    runId: workspace.runId,
    version: services.version,
    configDigest: configDigest(config),
    inputDir: directories.inputDir,
    outputDir: directories.outputDir,
  });
  announceStart(events, workspace.startReport);
  const keepWhenTold = () => {
    if (signal.reason === STOP_AND_KEEP) workspace.keepArtifacts();
  };
  signal.addEventListener('abort', keepWhenTold);

  let failure: unknown;
  try {
    await withTeardown(
      workspace,
      {
        signals: abortSignals(signal),
        onReport(report) {
          recorder.tornDown(report);
          announceTeardown(events, report);
        },
      },
      (abort) => {
        const context = { config, directories, sink: events, signal: abort, ledger: new StageLedger() };
        const vitals = emitVitals(context);
        return makeMosaic({ context, workspace, services, recorder }).finally(() => {
          vitals.stop();
          recorder.addStages(context.ledger.timings());
        });
      },
    );
  } catch (error) {
    failure = error;
  }
  signal.removeEventListener('abort', keepWhenTold);
  const report = recorder.finish(workspace.runId, failure);
  events.emit({
    type: 'run-finished',
    outcome: report.outcome,
    framesUsed: report.inputs.used,
    framesTotal: report.inputs.total,
    wallMs: report.wall_ms,
    ...(report.outcome === 'error' && report.error && { error: report.error }),
  });
  await writeRunReport(reportPath, report).catch((error: unknown) => {
    // What ended the run is worth more than that its report could not be written.
    failure ??= error;
  });
  if (failure !== undefined) throw failure;
  return report;
}
