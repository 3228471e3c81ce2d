// `zemosaic backends`: what can compute on this machine.
import { CONFIG_ROWS } from '../../config/table.js';
import type { Messages } from '../../report/messages.js';
import type { BackendSummary } from '../../report/summaries.js';
import type { Command } from '../command.js';
import { loadCommandConfig, showNotices } from '../context.js';
import { EXIT_CODES } from '../exit-codes.js';

/** One backend as lines of text. */
export function backendLines(backend: BackendSummary, messages: Messages): string[] {
  const { t } = messages;
  const state = !backend.available ? 'missing' : backend.software ? 'software' : 'ready';
  return [
    t('cli_backend', { name: backend.name, state, description: backend.description }),
    ...(backend.reason ? [`  ${messages.message(backend.reason)}`] : []),
    ...Object.entries(backend.limits).map(([name, value]) => `  ${name} = ${messages.number(value)}`),
  ];
}

export const backendsCommand: Command = {
  name: 'backends',
  arguments: '',
  helpKey: 'cli_command_backends',
  rows: CONFIG_ROWS.filter(({ key }) => key === 'num_processing_workers' || key === 'memory_budget_mb'),

  async run(context) {
    const { config, notices } = await loadCommandConfig(context);
    showNotices(context, notices);
    const services = await context.host.services();
    const backends = await services.listBackends(config);
    if (context.json) context.print(JSON.stringify(backends));
    else for (const backend of backends) backendLines(backend, context.messages).forEach(context.print);
    return EXIT_CODES.ok;
  },
};
