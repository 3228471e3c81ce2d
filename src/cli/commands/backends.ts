// `zemosaic backends`: what can compute on this machine.
import { CONFIG_ROWS } from '../../config/table.js';
import type { Messages } from '../../report/messages.js';
import type { BackendSummary } from '../../report/summaries.js';
import type { Command } from '../command.js';
import { loadCommandConfig, showNotices } from '../context.js';
import { EXIT_CODES } from '../exit-codes.js';

/** One backend as lines of text. */
function backendLines(backend: BackendSummary, messages: Messages): string[] {
  const { t } = messages;
  const state = !backend.available ? 'missing' : backend.software ? 'software' : 'ready';
  return [
    t('cli_backend', { name: backend.name, state, description: backend.description }),
    ...(backend.reason ? [`  ${messages.message(backend.reason)}`] : []),
    ...(backend.adapters ?? []).map(
      (adapter, number) =>
        `  ${t('cli_backend_adapter', {
          number,
          name: adapter.description,
          backend: adapter.backend,
          kind: adapter.hardware ? 'hardware' : 'software',
          size: messages.bytes(adapter.maxBufferBytes),
        })}`,
    ),
    ...(backend.kernels
      ? [
          `  ${t('cli_backend_kernels', {
            count: backend.kernels.right.length,
            missing: backend.kernels.missing.join(', ') || 'none',
          })}`,
        ]
      : []),
    ...(backend.speed
      ? [
          `  ${t('cli_backend_speed', {
            rate: messages.number(
              backend.speed.samplesPerSecond / 1e6,
              backend.speed.samplesPerSecond < 1e6 ? 3 : 1,
            ),
            frames: backend.speed.frames,
            side: backend.speed.sidePx,
          })}`,
        ]
      : []),
    ...Object.entries(backend.limits).map(([name, value]) => `  ${name} = ${messages.number(value)}`),
  ];
}

export const backendsCommand: Command = {
  name: 'backends',
  arguments: '',
  helpKey: 'cli_command_backends',
  rows: CONFIG_ROWS.filter(({ key }) =>
    ['num_processing_workers', 'memory_budget_mb', 'gpu_selector'].includes(key),
  ),

  options: ({ t }) => ({ speed: { type: 'boolean', default: true, describe: t('cli_option_speed') } }),

  async run(context) {
    const { config, notices } = await loadCommandConfig(context);
    showNotices(context, notices);
    const services = await context.host.services();
    const backends = await services.listBackends(config, { speed: context.args.speed !== false });
    if (context.json) context.print(JSON.stringify(backends));
    else for (const backend of backends) backendLines(backend, context.messages).forEach(context.print);
    return EXIT_CODES.ok;
  },
};
