// `zemosaic inspect FILE`: what the program sees in one file.
import type { Messages } from '../../report/messages.js';
import type { FileSummary } from '../../report/summaries.js';
import type { Command } from '../command.js';
import { EXIT_CODES } from '../exit-codes.js';

/** One file as lines of text. */
function fileLines(file: FileSummary, messages: Messages): string[] {
  const { t, number } = messages;
  return [
    t('cli_inspect_file', {
      path: file.path,
      size: messages.bytes(file.bytes),
      class: messages.message(file.classification),
    }),
    ...file.images.map((image) =>
      t('cli_inspect_image', {
        hdu: image.hdu,
        shape: image.shape.join(' x '),
        bitpix: String(image.bitpix),
        compression: image.compression ?? 'none',
      }),
    ),
    file.wcs
      ? t('cli_inspect_wcs', {
          projection: file.wcs.projection,
          ra: number(file.wcs.centerRaDeg, 6),
          dec: number(file.wcs.centerDecDeg, 6),
          scale: number(file.wcs.pixelScaleArcsec, 4),
          rotation: number(file.wcs.rotationDeg, 2),
        })
      : t('cli_inspect_no_wcs'),
    ...file.header.map(
      ({ keyword, value, comment }) => `  ${keyword.padEnd(8)} = ${value}${comment ? ` / ${comment}` : ''}`,
    ),
    ...file.warnings.map((warning) => t('report_warning', { text: messages.message(warning) })),
  ];
}

export const inspectCommand: Command = {
  name: 'inspect',
  arguments: '<file>',
  helpKey: 'cli_command_inspect',
  rows: [],
  positionals: ({ t }) => ({ file: { type: 'string', describe: t('cli_argument_file') } }),

  async run(context) {
    const services = await context.host.services();
    const file = await services.inspectFile(String(context.args.file));
    if (context.json) context.print(JSON.stringify(file));
    else fileLines(file, context.messages).forEach(context.print);
    return EXIT_CODES.ok;
  },
};
