// `zemosaic run FOLDER -o OUT`: the mosaic.
import { join } from 'node:path';
import { stopRequestPathOf, watchStopRequest } from '../../cleanup/journal/stop-request.js';
import { runDirectories } from '../../config/directories.js';
import { CONFIG_ROWS } from '../../config/table.js';
import { fanOut, type EventSink } from '../../report/events.js';
import { createEventsFile, EVENTS_FILE_NAME } from '../../report/events-file.js';
import { createLogSink, LOG_FILE_NAME } from '../../report/log-file.js';
import { renderError } from '../../report/render-error.js';
import { describeEvent } from '../../report/describe-event.js';
import type { Messages } from '../../report/messages.js';
import type { RunReport } from '../../report/run-report.js';
import type { Command } from '../command.js';
import { EXIT_CODES } from '../exit-codes.js';
import { screenSink } from '../screen.js';
import { exitCodeOf, watchSignals } from '../signals.js';
import { folderPositional, loadRunConfig } from './folder.js';
import { showPlan } from './plan.js';

/** Where the time went: every stage and kernel, and how busy the device was, as lines of text. */
function profileLines({ stages, device_time: device }: RunReport, messages: Messages): string[] {
  return [
    ...stages.map(({ wall_ms: wallMs, ...stage }) =>
      describeEvent({ type: 'stage-timing', ...stage, wallMs }, messages),
    ),
    ...(device
      ? [
          messages.t('cli_profile_busy', {
            kernels: messages.duration(device.kernel_ms),
            total: messages.duration(device.assembly_ms),
            share: messages.number(100 * device.busy_share, 1),
          }),
        ]
      : []),
  ];
}

export const runCommand: Command = {
  name: 'run',
  arguments: '[folder]',
  helpKey: 'cli_command_run',
  rows: CONFIG_ROWS,
  positionals: folderPositional,
  options: ({ t }) => ({
    'dry-run': { type: 'boolean', describe: t('cli_option_dry_run_plan') },
    profile: { type: 'boolean', describe: t('cli_option_profile') },
  }),

  async run(context) {
    if (context.args['dry-run'] === true) return showPlan(context);
    const { host, messages } = context;
    const { config, notices } = await loadRunConfig(context, 'run');
    const { outputDir, runtimeTempDir } = runDirectories(config);
    const screen = screenSink(context, { isLogged: true });
    const log = createLogSink(join(outputDir, LOG_FILE_NAME), config.log_level, messages, (error) => {
      const text = renderError(error, messages);
      screen.emit({ type: 'warning', message: { code: 'cli_log_failed', params: { text } } });
    });
    const record = createEventsFile(join(outputDir, EVENTS_FILE_NAME), (error) => {
      const text = renderError(error, messages);
      screen.emit({ type: 'warning', message: { code: 'cli_events_failed', params: { text } } });
    });
    const all = fanOut([screen, log, record]);
    let endRequests = (): Promise<void> => Promise.resolve();
    const sink: EventSink = {
      emit(event) {
        all.emit(event);
        if (event.type !== 'run-started') return;
        const { runId } = event;
        endRequests = watchStopRequest(stopRequestPathOf({ runtimeTempDir, runId }), stop.request);
        // These files begin with the run, the screen has shown the notices already.
        for (const message of notices) fanOut([log, record]).emit({ type: 'notice', message });
      },
    };
    const stop = watchSignals(host, (again) => {
      const message = { code: again ? 'cli_stopping_again' : 'cli_stopping', params: {} };
      screen.emit({ type: 'notice', message });
    });
    try {
      const services = await host.services();
      for (const message of notices) screen.emit({ type: 'notice', message });
      const report = await services.runMosaic(config, sink, stop.signal);
      screen.close();
      if (context.args.profile === true && !context.json)
        for (const line of profileLines(report, messages)) context.note(line);
      if (!context.json) for (const output of report.outputs) context.print(output.path);
      return EXIT_CODES.ok;
    } catch (error) {
      screen.close();
      log.error(error, renderError(error, messages));
      if (stop.received === undefined) throw error;
      context.note(messages.t('cli_stopped', { signal: stop.received }));
      return exitCodeOf(stop.received);
    } finally {
      stop.release();
      await endRequests();
      log.close();
      record.close();
    }
  },
};
