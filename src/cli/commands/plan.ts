// `zemosaic plan FOLDER -o OUT`: what a run would do and cost; nothing is written.
import { CONFIG_ROWS } from '../../config/table.js';
import { describeRejection } from '../../report/describe-event.js';
import type { EventSink, RunEvent } from '../../report/events.js';
import type { Messages } from '../../report/messages.js';
import type { PlanSummary } from '../../report/summaries.js';
import type { Command } from '../command.js';
import type { CommandContext } from '../context.js';
import { EXIT_CODES } from '../exit-codes.js';
import { screenSink } from '../screen.js';
import { exitCodeOf, watchSignals } from '../signals.js';
import { folderPositional, loadRunConfig } from './folder.js';

/** The plan as lines of text. */
function planLines(plan: PlanSummary, messages: Messages): string[] {
  const { t, bytes, number } = messages;
  const { grid, cells, frames } = plan;
  return [
    t('cli_plan_frames', { used: frames.used, total: frames.total }),
    ...frames.rejected.map(({ path, reason }) => describeRejection(path, reason, messages)),
    t('cli_plan_grid', {
      width: grid.widthPx,
      height: grid.heightPx,
      channels: grid.channels,
      scale: number(grid.pixelScaleArcsec, 3),
      ra: number(grid.centerRaDeg, 5),
      dec: number(grid.centerDecDeg, 5),
      rotation: number(grid.rotationDeg, 1),
    }),
    t('cli_plan_cells', {
      count: cells.count,
      width: cells.widthPx,
      height: cells.heightPx,
      amplification: number(cells.readAmplification, 2),
    }),
    t('cli_plan_backend', { backend: plan.backend }),
    t('cli_plan_memory', { need: bytes(plan.memoryBytes), budget: bytes(plan.memoryBudgetBytes) }),
    t('cli_plan_disk', {
      temporary: bytes(plan.temporaryDiskBytes),
      output: bytes(plan.outputDiskBytes),
      free: bytes(plan.freeDiskBytes),
    }),
    plan.estimatedSeconds === undefined
      ? t('cli_plan_time_unknown')
      : t('cli_plan_time', { time: messages.duration(1000 * plan.estimatedSeconds) }),
    ...plan.notices.map((notice) => t('report_notice', { text: messages.message(notice) })),
  ];
}

/** Plans the run that the arguments describe and prints the plan. */
export async function showPlan(context: CommandContext): Promise<number> {
  const { config, notices } = await loadRunConfig(context, 'plan');
  const services = await context.host.services();
  const screen = screenSink(context, { isLogged: false });
  // The plan names refused frames and notices itself; as events they are shown only when no plan comes about.
  const heldBack: RunEvent[] = [];
  const sink: EventSink = {
    emit(event) {
      const inPlan = event.type === 'frame-rejected' || event.type === 'notice';
      if (inPlan && !context.json) heldBack.push(event);
      else screen.emit(event);
    },
  };
  const stop = watchSignals(context.host, () => undefined);
  try {
    for (const message of notices) screen.emit({ type: 'notice', message });
    const plan = await services.planMosaic(config, sink, stop.signal);
    screen.close();
    if (context.json) context.print(JSON.stringify({ type: 'plan', ...plan }));
    else planLines(plan, context.messages).forEach(context.print);
    return EXIT_CODES.ok;
  } catch (error) {
    heldBack.forEach((event) => screen.emit(event));
    screen.close();
    if (stop.received === undefined) throw error;
    return exitCodeOf(stop.received);
  } finally {
    stop.release();
  }
}

export const planCommand: Command = {
  name: 'plan',
  arguments: '[folder]',
  helpKey: 'cli_command_plan',
  rows: CONFIG_ROWS,
  positionals: folderPositional,
  run: showPlan,
};
